"""Links of a message: the run, its logs and the runbook."""

from __future__ import annotations

from urllib.parse import quote

from lambdas.common.settings import Settings

# Error codes with a runbook of their own, in docs/runbooks.
RUNBOOKS = {
    "RUN010": "source-down",
    "RUN011": "source-down",
    "RUN012": "source-down",
    "RUN020": "stuck-lease",
    "RUN101": "source-down",
    "RUN104": "source-down",
    "RUN301": "dq-failover",
}
JOB_FAILED = "job-failed"
FINDINGS = "sla-findings"


def runbook(settings: Settings, error_code: str = "", *, finding: str = "") -> str:
    """The runbook of an error code, or the section of a kind of finding."""
    if finding:
        return f"{settings.docs_url}/runbooks/{FINDINGS}.md#{finding.replace('_', '-')}"
    return f"{settings.docs_url}/runbooks/{RUNBOOKS.get(error_code, JOB_FAILED)}.md"


def run(settings: Settings, glue_name: str, run_id: str) -> str:
    """The run in Glue's console, or all runs of the job."""
    job = f"{_console(settings)}/gluestudio/home?region={settings.region}#/job/{quote(glue_name, safe='')}"
    return f"{job}/run/{quote(run_id, safe='')}" if run_id else f"{job}/runs"


def logs(settings: Settings, run_id: str) -> str:
    """The run's log streams in CloudWatch's console, or the log group of all jobs."""
    console = f"{_console(settings)}/cloudwatch/home?region={settings.region}"
    group = f"{console}#logsV2:log-groups/log-group/{_escape_twice(settings.log_group)}"
    return f"{group}$3FlogStreamNameFilter$3D{_escape_twice(run_id)}" if run_id else group


def _escape_twice(text: str) -> str:
    """As CloudWatch's console escapes a path: twice, with $ for %."""
    return quote(quote(text, safe=""), safe="").replace("%", "$")


def _console(settings: Settings) -> str:
    return f"https://{settings.region}.console.aws.amazon.com"
