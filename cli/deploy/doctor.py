"""`lakehouse doctor`: asks AWS for everything that a deploy does not make, and lists what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import typer

from cli.common import EnvName, Json, job_names, live_environment, print_rows, unknown
from lakehouse.environments import load_environment, names
from lakehouse.environments.model import Environment
from lakehouse.pipelines import Job, jobs_in, load_pipelines


@dataclass(frozen=True)
class Check:
    """What was looked at; `state` is ok, missing, fails, paused or unknown; `detail` says what to do."""

    subject: str
    state: str
    detail: str = ""


def doctor(
    env: EnvName,
    smoke: Annotated[
        bool,
        typer.Option(
            "--smoke",
            help="Also start each deployed job once: it tries the rights, secrets and systems that it needs, "
            "and reads and writes no row.",
        ),
    ] = False,
    job: Annotated[
        list[str] | None, typer.Option(help="Of --smoke: this job alone.", autocompletion=job_names)
    ] = None,
    keep_paused: Annotated[
        bool,
        typer.Option("--keep-paused", help="Of --smoke: leave what is new paused though all is well."),
    ] = False,
    as_json: Json = False,
) -> None:
    """List what an environment's account still needs: roles, Lake Formation, quotas, secrets, subscriptions.

    New DAGs and schedules are paused. With --smoke of all jobs, and when nothing is missing or fails, those
    that have never run begin to start their jobs. No value of a secret is shown. Exit code 1 when anything is
    missing or fails.
    """
    from cli.deploy.account import check_account

    jobs = _jobs(env, job or [], smoke=smoke)
    environment = live_environment(env)
    caller = Check("caller", "ok", check_account(environment))
    checks = [caller, *examine(environment), *_smoke(environment, jobs, quiet=as_json)]
    sound = all(check.state not in ("missing", "fails") for check in checks)
    checks += _dags(environment, green=sound and smoke and not job and not keep_paused)
    rows = [[check.subject, check.state, check.detail] for check in checks]
    print_rows(f"doctor of {environment.name}", ["subject", "state", "detail"], rows, as_json=as_json)
    if not sound:
        raise typer.Exit(1)


def _jobs(env: str, job_list: list[str], *, smoke: bool) -> list[Job]:
    """The jobs that are tried. Raises BadParameter for a job that the environment does not have."""
    if not smoke:
        if job_list:
            raise typer.BadParameter("--job says which job --smoke starts")
        return []
    jobs = jobs_in(load_environment(env))
    existing = [j.name for j in jobs]
    for name in job_list:
        if name not in existing:
            raise unknown("job", name, existing)
    return [j for j in jobs if not job_list or j.name in job_list]


def _smoke(env: Environment, jobs: list[Job], *, quiet: bool) -> list[Check]:
    from cli.deploy.smoke import smoke

    faults = smoke(env, jobs, quiet=quiet) if jobs else {}
    return [Check(f"job {name}", "fails" if fault else "ok", fault) for name, fault in faults.items()]


def _dags(env: Environment, *, green: bool) -> list[Check]:
    from cli.deploy.paused_dags import dags_to_start, has_airflow
    from cli.deploy.paused_schedules import deployed_schedules, schedules_to_start

    if env.stack.orchestrator == "none" and (env.overlay is None or deployed_schedules(env)):
        return [Check("schedules", *schedules_to_start(env, green=green))]
    return [Check("DAGs", *dags_to_start(env, green=green))] if has_airflow(env) else []


def examine(env: Environment) -> Iterator[Check]:
    """Every check of an environment's account. A question that AWS denies is `unknown`."""
    from cli.deploy.quotas import shortages
    from infra.facts import read_facts
    from infra.parts.encryption.secrets import declared_secrets

    yield from _roles(env)
    yield _answer("Lake Formation", lambda: _lake_formation(env))
    yield _answer("quotas of Glue", lambda: shortages(env, load_pipelines().values()))
    for name in declared_secrets(read_facts(env.name)):
        yield _answer(f"secret {name}", partial(_secret, env, name))
    for topic in (names.alert_topic(env), names.owner_topic(env)):
        yield _answer(f"subscriptions of {topic}", partial(_subscriptions, env, topic))


def _roles(env: Environment) -> Iterator[Check]:
    stack = env.stack
    for role in filter(None, (stack.deployer_role, stack.plan_role, *stack.raw_access)):
        yield _answer(f"role {role}", partial(_role, env, role))
    yield _answer(f"SAML provider {stack.identity_provider}", lambda: _provider(env))


def _answer(subject: str, ask: Callable[[], str]) -> Check:
    """The check of a question that answers what is missing, or nothing."""
    from botocore.exceptions import ClientError

    try:
        missing = ask()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("NoSuchEntity", "ResourceNotFoundException", "NotFound", "NotFoundException"):
            return Check(subject, "missing", "it does not exist")
        return Check(subject, "unknown", f"{error.operation_name}: {code}")
    return Check(subject, "missing" if missing else "ok", missing)


def _role(env: Environment, role: str) -> str:
    _client(env, "iam").get_role(RoleName=role)
    return ""


def _provider(env: Environment) -> str:
    arn = f"arn:aws:iam::{env.account}:saml-provider/{env.stack.identity_provider}"
    _client(env, "iam").get_saml_provider(SAMLProviderArn=arn)
    return ""


def _lake_formation(env: Environment) -> str:
    settings = _client(env, "lakeformation").get_data_lake_settings()["DataLakeSettings"]
    admins = [admin["DataLakePrincipalIdentifier"] for admin in settings.get("DataLakeAdmins", [])]
    arn = f"arn:aws:iam::{env.account}:role/{env.stack.deployer_role}"
    if arn in admins:
        return ""
    return f"{env.stack.deployer_role} is no administrator: deploy under that role"


def _secret(env: Environment, name: str) -> str:
    """The fields that it lacks, by name alone; whether it has a value, where it may not be read."""
    from botocore.exceptions import ClientError

    from lakehouse.environments.secret_fields import missing_fields, other_address

    manager, full = _client(env, "secretsmanager"), names.secret(env, name)
    if not manager.describe_secret(SecretId=full).get("VersionIdsToStages"):
        return "empty: put its JSON (docs/guides/secrets.md)"
    try:
        text = manager.get_secret_value(SecretId=full)["SecretString"]
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("AccessDenied", "AccessDeniedException"):
            raise
        return ""
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        return "no JSON object"
    missing = missing_fields(env, name, fields)
    if missing:
        return f"lacks {', '.join(missing)}"
    other = other_address(env, name, fields)
    return f"its address is not that of stack.connections.{other}" if other else ""


def _subscriptions(env: Environment, topic: str) -> str:
    from cli.alerts.subscriptions import subscriptions_of

    waiting = [
        subscription["Endpoint"]
        for subscription in subscriptions_of(env, topic)
        if subscription["SubscriptionArn"] == "PendingConfirmation"
    ]
    return f"not confirmed: {', '.join(sorted(waiting))}" if waiting else ""


def _client(env: Environment, service: str) -> Any:
    from glue_jobs.aws import clients

    return clients(env).client(service)
