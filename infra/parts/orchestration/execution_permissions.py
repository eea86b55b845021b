"""The permissions of the two roles without Airflow: of the state machines, and of their schedules."""

from __future__ import annotations

from infra.constructs.role import Statements
from infra.parts.encryption.keys import Keys
from lakehouse.environments import names
from lakehouse.environments.control import AUDIT_BY_DATE
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control

# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html: these take no resource.
_LOG_DELIVERY = (
    "CreateLogDelivery",
    "GetLogDelivery",
    "UpdateLogDelivery",
    "DeleteLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "DescribeResourcePolicies",
    "DescribeLogGroups",
)
_TRACES = ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")


def execution_permissions(env: Environment, keys: Keys) -> Statements:
    """Starts, watches and stops the environment's jobs, and counts the audit's runs of a day."""
    jobs = f"arn:aws:glue:{env.region}:{env.account}:job/{names.glue_job(env, '*')}"
    table = f"arn:aws:dynamodb:{env.region}:{env.account}:table/{names.control_table(env, Control.AUDIT)}"
    actions = ["StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun"]
    return {
        "StartAndWatchJobs": {"Action": [f"glue:{action}" for action in actions], "Resource": jobs},
        "RunsOfOtherDags": {"Action": "dynamodb:Query", "Resource": f"{table}/index/{AUDIT_BY_DATE}"},
        "KeyOfAudit": {
            "Action": "kms:Decrypt",
            "Resource": keys.state.arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"dynamodb.{env.region}.amazonaws.com"}},
        },
        "AnyLogDelivery": {"Action": [f"logs:{action}" for action in _LOG_DELIVERY], "Resource": "*"},
        "AnyTrace": {"Action": [f"xray:{action}" for action in _TRACES], "Resource": "*"},
    }


def scheduler_permissions(env: Environment, keys: Keys, dead_letters: str) -> Statements:
    """Starts the environment's state machines; what cannot be started goes to the queue of dead letters."""
    machines = f"arn:aws:states:{env.region}:{env.account}:stateMachine:{names.state_machine(env, '*')}"
    return {
        "StartExecutions": {"Action": "states:StartExecution", "Resource": machines},
        "DeadLetters": {"Action": "sqs:SendMessage", "Resource": dead_letters},
        "KeyOfDeadLetters": {
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": keys.messages.arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"sqs.{env.region}.amazonaws.com"}},
        },
        # What a schedule says is encrypted by the platform's key.
        "KeyOfSchedules": {"Action": "kms:Decrypt", "Resource": keys.platform.arn},
    }
