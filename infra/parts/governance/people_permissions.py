"""The permissions of people's roles: to see the catalog, to query, to watch jobs and to run them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from infra.parts.encryption.keys import Keys
from lakehouse.access.model import Role
from lakehouse.environments import names, prefixes
from lakehouse.environments.model import Environment
from lakehouse.environments.names import LAYERS, Control, Zone

Statements = dict[str, dict[str, Any]]


def permissions(env: Environment, keys: Keys, name: str, role: Role) -> Statements:
    """The statements of a role, by the words of its `may` in grants.yml."""
    by_word: dict[str, Callable[[], Statements]] = {
        "query": lambda: _query(env, keys, name),
        "watch": lambda: _watch(env, keys),
        "run": lambda: _run(env),
    }
    statements = _see_catalog(env, keys)
    for word in role.may:
        statements |= by_word[word]()
    return statements


def _see_catalog(env: Environment, keys: Keys) -> Statements:
    """Reads the catalog, which shows a principal only what Lake Formation grants."""
    databases = [names.database(env, layer) for layer in LAYERS]
    catalog = f"arn:aws:glue:{env.region}:{env.account}"
    actions = ["GetDatabase", "GetDatabases", "GetTable", "GetTables", "GetPartition", "GetPartitions"]
    return {
        "LookIntoTheCatalog": {
            "Action": [f"glue:{action}" for action in actions],
            "Resource": [
                f"{catalog}:catalog",
                *(f"{catalog}:database/{database}" for database in databases),
                *(f"{catalog}:table/{database}/*" for database in databases),
            ],
        },
        "KeyOfCatalog": _key("kms:Decrypt", keys, f"glue.{env.region}.amazonaws.com"),
    }


def _query(env: Environment, keys: Keys, role: str) -> Statements:
    """Queries in the role's workgroup, whose results only this role reads."""
    bucket, results = f"arn:aws:s3:::{names.bucket(env, Zone.ATHENA)}", names.role_results(role)
    workgroup = f"arn:aws:athena:{env.region}:{env.account}:workgroup/{names.role_workgroup(env, role)}"
    athena_actions = [
        "GetQueryExecution",
        "GetQueryResults",
        "GetWorkGroup",
        "ListQueryExecutions",
        "StartQueryExecution",
        "StopQueryExecution",
    ]
    s3_actions = ["GetObject", "PutObject", "AbortMultipartUpload", "ListMultipartUploadParts"]
    results_key = _key(["kms:Decrypt", "kms:GenerateDataKey"], keys, f"s3.{env.region}.amazonaws.com")
    return {
        "Ask": {"Action": [f"athena:{action}" for action in athena_actions], "Resource": workgroup},
        # The console's query editor opens with these; they show names alone.
        "AnyListOfTheConsole": {
            "Action": [
                "athena:GetDataCatalog",
                "athena:ListDataCatalogs",
                "athena:ListDatabases",
                "athena:ListTableMetadata",
                "athena:ListWorkGroups",
            ],
            "Resource": "*",
        },
        # This action takes no resource; Lake Formation's grants decide on tables.
        "AnyDataThatLakeFormationGrants": {"Action": "lakeformation:GetDataAccess", "Resource": "*"},
        "FindResults": {"Action": "s3:GetBucketLocation", "Resource": bucket},
        "ListResults": {
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringLike": {"s3:prefix": f"{results}*"}},
        },
        "OwnResults": {
            "Action": [f"s3:{action}" for action in s3_actions],
            "Resource": f"{bucket}/{results}*",
        },
        "KeyOfResults": results_key,
    }


def _watch(env: Environment, keys: Keys) -> Statements:
    """Sees jobs, their logs, the dashboard and its metrics, runs, and which rows and files are in quarantine.

    Of quarantined files names and reasons, never a byte: they hold personal data.
    """
    logs = f"arn:aws:logs:{env.region}:{env.account}:log-group:{names.log_group(env, '*')}"
    dashboard = f"arn:aws:cloudwatch::{env.account}:dashboard/{names.dashboard(env)}"
    glue_actions = ["BatchGetJobs", "GetJob", "GetJobRun", "GetJobRuns"]
    log_actions = ["DescribeLogStreams", "FilterLogEvents", "GetLogEvents", "StartQuery"]
    return {
        "SeeJobs": {"Action": [f"glue:{action}" for action in glue_actions], "Resource": _jobs(env)},
        "ReadLogs": {
            "Action": [f"logs:{action}" for action in log_actions],
            "Resource": [logs, f"{logs}:*"],
        },
        "SeeDashboard": {"Action": "cloudwatch:GetDashboard", "Resource": dashboard},
        # These take no resource, and show names and numbers alone; the console opens with them.
        "AnyMetricAndListOfTheConsole": {
            "Action": [
                "cloudwatch:GetMetricData",
                "cloudwatch:ListDashboards",
                "cloudwatch:DescribeAlarms",
                "glue:ListJobs",
                "glue:GetJobs",
                "logs:DescribeLogGroups",
                "logs:GetQueryResults",
            ],
            "Resource": "*",
        },
        **_see_runs(env, keys),
        **_airflow(env, "Viewer"),
    }


def _see_runs(env: Environment, keys: Keys) -> Statements:
    """What `lakehouse runs` and `lakehouse quarantine list` read."""
    table = f"arn:aws:dynamodb:{env.region}:{env.account}:table"
    audit = f"{table}/{names.control_table(env, Control.AUDIT)}"
    quarantine = f"arn:aws:s3:::{names.bucket(env, Zone.QUARANTINE)}"
    return {
        "SeeRuns": {
            "Action": ["dynamodb:GetItem", "dynamodb:Query"],
            "Resource": [audit, f"{audit}/index/*"],
        },
        # A stream is alive by its lease.
        "SeeLeases": {
            "Action": "dynamodb:GetItem",
            "Resource": f"{table}/{names.control_table(env, Control.LEASES)}",
        },
        "KeyOfRuns": {
            "Action": "kms:Decrypt",
            "Resource": keys.state.arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"dynamodb.{env.region}.amazonaws.com"}},
        },
        # A file's name, size and reason. Its bytes lie one folder deeper, and an id has 16 characters.
        "ReadFactsOfQuarantinedFiles": {
            "Action": "s3:GetObject",
            "Resource": f"{quarantine}/{prefixes.QUARANTINE}/*/files/dt=*/run_id=*/{'?' * 16}/file.json",
        },
        "KeyOfQuarantine": {
            "Action": "kms:Decrypt",
            "Resource": keys.raw.arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"s3.{env.region}.amazonaws.com"}},
        },
        "ListQuarantine": {
            "Action": "s3:ListBucket",
            "Resource": quarantine,
            "Condition": {"StringLike": {"s3:prefix": f"{prefixes.QUARANTINE}/*"}},
        },
    }


def _run(env: Environment) -> Statements:
    """Starts runs, by Airflow or by the function `start_run`, and stops them.

    No right to `glue:StartJobRun`: its arguments override the script, the modules and the settings of a job,
    so it is the right to run any code as any job. The function takes a job, a date and declared parameters.
    """
    function = f"arn:aws:lambda:{env.region}:{env.account}:function:{names.function(env, 'start_run')}"
    return {
        "StartRuns": {"Action": "lambda:InvokeFunction", "Resource": function},
        "StopRuns": {"Action": "glue:BatchStopJobRun", "Resource": _jobs(env)},
        **_airflow(env, "Op"),
    }


def _airflow(env: Environment, role: str) -> Statements:
    """Opens Airflow's web server with one of Airflow's own roles: MWAA knows no company login."""
    arn = f"arn:aws:airflow:{env.region}:{env.account}"
    return {
        f"OpenAirflowAs{role}": {
            "Action": "airflow:CreateWebLoginToken",
            "Resource": f"{arn}:role/{names.airflow(env)}/{role}",
        },
        # Where the web server is.
        "FindAirflow": {
            "Action": "airflow:GetEnvironment",
            "Resource": f"{arn}:environment/{names.airflow(env)}",
        },
        "AnyEnvironmentOfAirflowIsListed": {"Action": "airflow:ListEnvironments", "Resource": "*"},
    }


def _jobs(env: Environment) -> str:
    return f"arn:aws:glue:{env.region}:{env.account}:job/{names.glue_job(env, '*')}"


def _key(action: str | list[str], keys: Keys, service: str) -> dict[str, Any]:
    """The platform's key, through one AWS service only."""
    return {
        "Action": action,
        "Resource": keys.platform.arn,
        "Condition": {"StringEquals": {"kms:ViaService": service}},
    }
