"""The services of a plan: how each is started, which secrets it has, and what is prepared once it answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from lakehouse.environments.model import Environment
from local_aws import aws, bootstrap, kafka, lakebase, postgres, slack, snowflake
from local_aws.control import ServicePool
from local_aws.files import platform_files, write_private
from local_aws.glue.host import GlueFolders
from local_aws.java import java_home
from local_aws.plan import Plan
from local_aws.processes import Service, wait_until_ready
from local_aws.state.store import StateFolder

_READY_SECONDS = 60


@dataclass(frozen=True)
class Passwords:
    """Of the source systems, made anew for each platform."""

    snowflake: str
    postgres: str
    lakebase: str

    @classmethod
    def generate(cls) -> Passwords:
        return cls(*(secrets.token_urlsafe(24) for _ in range(3)))


def start_services(plan: Plan, ports: dict[str, int], pool: ServicePool) -> None:
    """Start the services of the plan side by side. Returns when each answers and is prepared."""
    passwords = Passwords.generate()
    pool.factories |= _factories(plan, ports, passwords)
    started = [pool.start(name) for name in pool.factories if name in plan.services]
    by_service = _secrets(plan, ports, passwords)
    values = {secret: value for name in plan.services for secret, value in by_service.get(name, {}).items()}
    if slack_secret := plan.environment.stack.alerts.slack_secret:
        values[slack_secret] = slack.TOKEN
    keys = StateFolder(plan.state).keys() if plan.state else {}
    write_private(platform_files(plan.workdir).secrets, {**bootstrap.with_local_secrets(values), **keys})
    prepare = _preparations(plan, ports, passwords)

    def bring_up(service: Service) -> None:
        wait_until_ready(service, _READY_SECONDS)
        if service.name in prepare:
            prepare[service.name]()

    with ThreadPoolExecutor(len(started)) as threads:
        list(threads.map(bring_up, started))


def _factories(plan: Plan, ports: dict[str, int], passwords: Passwords) -> dict[str, Callable[[], Service]]:
    workdir, java = plan.workdir, plan.java_options.get("kafka", [])
    return {
        "aws": lambda: aws.start(workdir, ports["aws"], ports["aws_proxy"], _glue_folders(plan)),
        "kafka": lambda: kafka.start(
            workdir, (ports["kafka"], ports["kafka_controller"]), plan.kafka_jars, java
        ),
        "snowflake": lambda: snowflake.start(
            workdir, ports["snowflake"], passwords.snowflake, plan.source_databases
        ),
        "postgres": lambda: postgres.start(workdir, ports["postgres"], passwords.postgres),
    }


def _glue_folders(plan: Plan) -> GlueFolders:
    return GlueFolders(
        runs=plan.workdir / "data" / "glue",
        modules=plan.cache / "glue",
        airflows=plan.cache,
        spark_jars=plan.spark_jars,
        java_home=java_home(),
        java_options=plan.java_options.get("spark", []),
    )


def login_secrets(env: Environment) -> frozenset[str]:
    """Names of the secrets by which jobs log in to the source systems of one world."""
    return frozenset({env.kafka.secret, env.snowflake.secret, env.redshift.secret, lakebase.SECRET})


def _secrets(plan: Plan, ports: dict[str, int], passwords: Passwords) -> dict[str, dict[str, dict[str, Any]]]:
    """Service → name of the secret → its value."""
    env = plan.environment
    return {
        "kafka": {env.kafka.secret: kafka.secret(ports["kafka"])},
        "snowflake": {
            env.snowflake.secret: snowflake.secret(
                ports["snowflake"], passwords.snowflake, plan.source_databases
            )
        },
        "postgres": {
            env.redshift.secret: postgres.secret(ports["postgres"], passwords.postgres),
            lakebase.SECRET: lakebase.secret(ports["postgres"], passwords.lakebase),
        },
    }


def _preparations(plan: Plan, ports: dict[str, int], passwords: Passwords) -> dict[str, Callable[[], None]]:
    def create_databases() -> None:
        postgres.prepare(ports["postgres"], passwords.postgres)
        lakebase.prepare(postgres.secret(ports["postgres"], passwords.postgres), passwords.lakebase)

    def create_resources() -> None:
        if not plan.empty_account:
            endpoint = aws.endpoint(ports["aws"])
            bootstrap.create_resources(plan.environment, endpoint, aws.ACCESS_KEY, plan.workdir)
            if plan.state:
                StateFolder(plan.state).restore(plan.environment, endpoint, aws.ACCESS_KEY)

    return {"aws": create_resources, "postgres": create_databases}
