"""An AWS and a Slack for tests of the functions, over HTTP."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto.server import ThreadedMotoServer

from infra.facts import Facts, read_facts
from lakehouse.environments import names
from lakehouse.environments.control import table_definition
from lakehouse.environments.model import Aws
from lakehouse.environments.names import Control
from tests.lambdas.platform_world import ACCOUNT, SLACK_TOKEN, World
from tests.lambdas.slack_server import SlackServer


@pytest.fixture(scope="session")
def moto_port() -> Iterator[int]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture(scope="session")
def prod_facts() -> Facts:
    return read_facts("prod")


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    server = SlackServer()
    yield server
    server.close()


@pytest.fixture
def world(moto_port: int, prod_facts: Facts, slack: SlackServer, monkeypatch: pytest.MonkeyPatch) -> World:
    """An empty prod with a project name of its own: all moto servers of a process share their state."""
    aws = Aws(endpoint=f"http://127.0.0.1:{moto_port}", access_key="testing", secret_key="testing")
    env = prod_facts.env.model_copy(
        update={"project": f"t{uuid.uuid4().hex[:12]}", "aws": aws, "account": ACCOUNT}
    )
    platform = World(env, replace(prod_facts, env=env), slack, {})
    topic = _resources(platform)
    platform.variables |= {
        "ENVIRONMENT": "prod",
        "ACCOUNT": ACCOUNT,
        "REGION": env.region,
        "METRICS_NAMESPACE": names.metrics_namespace(env),
        "JOB_CATALOG_BUCKET": "catalog-" + env.project,
        "JOB_CATALOG_KEY": names.job_catalog_key(),
        "OWNER_TOPIC_ARN": topic,
        "UNDELIVERED_URL": platform.queues["undelivered"],
        "NOTIFIED_TABLE": names.notified_table(env),
        "AUDIT_TABLE": names.control_table(env, Control.AUDIT),
        "DOCS_URL": env.stack.alerts.docs_url,
        "LOG_GROUP": "/jobs/error",
        "SLACK_SECRET": names.secret(env, "slack"),
        "SLACK_URL": slack.url,
        "TELL_SUCCESS": "yes",
        "FUNCTION_NAME": names.function(env, "start_run"),
    }
    platform.client("s3").create_bucket(
        Bucket=platform.variables["JOB_CATALOG_BUCKET"],
        CreateBucketConfiguration={"LocationConstraint": env.region},
    )
    platform.write_job_catalog()
    _as_environment(monkeypatch, platform.variables, str(aws.endpoint), env.region)
    forget()
    return platform


def _as_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], endpoint: str, region: str
) -> None:
    """Sets the variables of a function, and those by which boto3 reaches the embedded AWS."""
    keys = {"AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": region}
    secrets = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    for name, value in {**variables, **keys, **secrets}.items():
        monkeypatch.setenv(name, value)


def _resources(world: World) -> str:
    env = world.env
    dynamodb, sqs, sns = world.client("dynamodb"), world.client("sqs"), world.client("sns")
    dynamodb.create_table(**table_definition(env, Control.AUDIT))
    dynamodb.create_table(
        TableName=names.notified_table(env),
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    for name in ("undelivered", "everything"):
        world.queues[name] = sqs.create_queue(QueueName=names.queue(env, name))["QueueUrl"]
    topic = str(sns.create_topic(Name=names.owner_topic(env))["TopicArn"])
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{env.region}:{ACCOUNT}:{names.queue(env, 'everything')}",
    )
    world.client("secretsmanager").create_secret(
        Name=names.secret(env, "slack"), SecretString=json.dumps({"token": SLACK_TOKEN})
    )
    return topic


def forget() -> None:
    """Drops what a function caches between two events of one process."""
    from lambdas.common import aws, job_catalog, slack

    aws.forget()
    slack.forget()
    job_catalog.forget()
    functions = ("sla_notifier", "sla_checker", "start_run")
    for name in (f"lambdas.{function}.handler" for function in functions):
        if name in sys.modules:
            sys.modules[name]._settings.cache_clear()
            sys.modules[name]._instrumented.cache_clear()
