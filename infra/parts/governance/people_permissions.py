"""The permissions of people's roles: to see the catalog, to query, to watch jobs and to run them."""

from __future__ import annotations

from collections.abc import Callable

from infra.parts.encryption.keys import Keys
from infra.parts.governance.people_queries import Statements, query, see_catalog
from lakehouse.access.model import Role
from lakehouse.environments import names, prefixes
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control, Zone


def permissions(env: Environment, keys: Keys, name: str, role: Role) -> Statements:
    """The statements of a role, by the words of its `may` in grants.yml."""
    by_word: dict[str, Callable[[], Statements]] = {
        "query": lambda: query(env, keys, name),
        "watch": lambda: _watch(env, keys),
        "run": lambda: _run(env, keys),
    }
    statements = see_catalog(env, keys)
    for word in role.may:
        statements |= by_word[word]()
    return statements


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
        **(_airflow(env, "Viewer") if env.stack.orchestrator == "mwaa" else _see_executions(env, keys)),
    }


def _see_executions(env: Environment, keys: Keys) -> Statements:
    """How the executions of state machines went, and when they start."""
    states = f"arn:aws:states:{env.region}:{env.account}"
    name = names.state_machine(env, "*")
    actions = ["DescribeExecution", "DescribeStateMachine", "GetExecutionHistory", "ListExecutions"]
    schedules = f"arn:aws:scheduler:{env.region}:{env.account}:schedule/{names.schedule_group(env)}/*"
    return {
        "SeeExecutions": {
            "Action": [f"states:{action}" for action in actions],
            "Resource": [f"{states}:stateMachine:{name}", f"{states}:execution:{name}:*"],
        },
        "SeeSchedules": {"Action": "scheduler:GetSchedule", "Resource": schedules},
        "KeyOfSchedules": {
            "Action": "kms:Decrypt",
            "Resource": keys.platform.arn,
            "Condition": _by_scheduler(env),
        },
        "AnyListOfTheScheduler": {
            "Action": ["scheduler:ListSchedules", "states:ListStateMachines"],
            "Resource": "*",
        },
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


def _run(env: Environment, keys: Keys) -> Statements:
    """Starts runs, by Airflow or by the function `start_run`, and stops them.

    No right to `glue:StartJobRun`: its arguments override the script, the modules and the settings of a job,
    so it is the right to run any code as any job. The function takes a job, a date and declared parameters.
    """
    function = f"arn:aws:lambda:{env.region}:{env.account}:function:{names.function(env, 'start_run')}"
    return {
        "StartRuns": {"Action": "lambda:InvokeFunction", "Resource": function},
        "StopRuns": {"Action": "glue:BatchStopJobRun", "Resource": _jobs(env)},
        **(_airflow(env, "Op") if env.stack.orchestrator == "mwaa" else _state_machines(env, keys)),
    }


def _state_machines(env: Environment, keys: Keys) -> Statements:
    """Starts a DAG's state machine for a date, stops it, and switches its schedule on and off.

    The input of a state machine is a date alone. A schedule starts by its own role, which may start state
    machines of the environment and nothing else.
    """
    states = f"arn:aws:states:{env.region}:{env.account}"
    machines = f"{states}:stateMachine:{names.state_machine(env, '*')}"
    executions = f"{states}:execution:{names.state_machine(env, '*')}:*"
    scheduler = f"arn:aws:scheduler:{env.region}:{env.account}"
    group = names.schedule_group(env)
    return {
        "StartExecutions": {"Action": "states:StartExecution", "Resource": machines},
        "StopExecutions": {"Action": "states:StopExecution", "Resource": executions},
        "SwitchSchedules": {
            "Action": "scheduler:UpdateSchedule",
            "Resource": f"{scheduler}:schedule/{group}/*",
        },
        "LendRoleOfSchedules": {
            "Action": "iam:PassRole",
            "Resource": f"arn:aws:iam::{env.account}:role/{names.service_role(env, 'scheduler')}",
            "Condition": {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
        },
        "KeyOfChangedSchedules": {
            "Action": ["kms:DescribeKey", "kms:GenerateDataKey"],
            "Resource": keys.platform.arn,
            "Condition": _by_scheduler(env),
        },
        **_see_executions(env, keys),
    }


def _by_scheduler(env: Environment) -> dict[str, dict[str, str]]:
    return {"StringEquals": {"kms:ViaService": f"scheduler.{env.region}.amazonaws.com"}}


def _airflow(env: Environment, role: str) -> Statements:
    """Opens Airflow's web server with one of Airflow's own roles: MWAA knows no company login.

    Who runs jobs calls Airflow's API, too: `lakehouse doctor` unpauses DAGs by it.
    """
    by_api = ["airflow:InvokeRestApi"] if role == "Op" else []
    arn = f"arn:aws:airflow:{env.region}:{env.account}"
    return {
        f"OpenAirflowAs{role}": {
            "Action": ["airflow:CreateWebLoginToken", *by_api],
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
