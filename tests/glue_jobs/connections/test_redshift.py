"""Which of Redshift's errors are worth a retry, and Spark's login."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from glue_jobs.aws import clients
from glue_jobs.connections.redshift import is_down, is_missing_table, jdbc_options
from glue_jobs.observability.secrets import Secrets
from glue_jobs.sources.redshift import staging_key
from lakehouse.environments import Environment, names


class InterfaceError(Exception):
    """redshift_connector's class of this name; its errors hold a dict of PostgreSQL's fields."""


@pytest.mark.parametrize(
    ("error", "down"),
    [
        (OSError("refused"), True),
        (psycopg.OperationalError("refused"), True),
        (InterfaceError("communication error"), True),
        (psycopg.errors.SyntaxError("near x"), False),
    ],
)
def test_a_server_that_does_not_answer_is_down(error: Exception, down: bool) -> None:
    assert is_down(error) is down


def test_a_missing_table_is_known_by_the_code_of_either_driver() -> None:
    assert is_missing_table(psycopg.errors.UndefinedTable("no t"))
    assert is_missing_table(InterfaceError({"C": "42P01"}))
    assert is_missing_table(InterfaceError({"C": "3F000"}))
    assert not is_missing_table(InterfaceError({"C": "42501"}))
    assert not is_missing_table(Exception("no such table"))


def test_sparks_login_keeps_the_password_out_of_the_url(aws_env: Environment) -> None:
    secret = {"host": "h", "port": "5439", "dbname": "d", "user": "u", "password": "canary"}
    name = names.secret(aws_env, aws_env.redshift.secret)
    clients(aws_env).secretsmanager.create_secret(Name=name, SecretString=json.dumps(secret))
    options = jdbc_options(aws_env, Secrets(aws_env))
    assert options["url"] == "jdbc:postgresql://h:5439/d"
    assert options["password"] == "canary"


def test_unloaded_rows_are_encrypted_by_the_key_of_their_bucket(aws_env: Environment) -> None:
    s3 = clients(aws_env).s3
    location: Any = {"LocationConstraint": aws_env.region}
    s3.create_bucket(Bucket="staged", CreateBucketConfiguration=location)
    arn = "arn:aws:kms:eu-central-1:123456789012:key/0000-1111"
    default: Any = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    rules: Any = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    s3.put_bucket_encryption(Bucket="staged", ServerSideEncryptionConfiguration=rules)
    assert staging_key(clients(aws_env), "s3://staged/staging/job/1/") == "0000-1111"
