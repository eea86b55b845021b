"""Where a person looks next."""

from __future__ import annotations

from urllib.parse import quote

from lambdas.common.settings import Settings

# The runbook of an error that has one of its own. The files are below docs/; a test looks for each.
RUNBOOKS = {
    "RUN010": "source-down", "RUN011": "source-down", "RUN012": "source-down", "RUN020": "stuck-lease", "RUN101": "source-down",
    "RUN104": "source-down", "RUN301": "dq-failover",
}  # fmt: skip
JOB_FAILED = "job-failed"
FINDINGS = "sla-findings"


def runbook(settings: Settings, error_code: str = "", *, finding: str = "") -> str:
    if finding:
        return f"{settings.docs_url}/runbooks/{FINDINGS}.md#{finding.replace('_', '-')}"
    return f"{settings.docs_url}/runbooks/{RUNBOOKS.get(error_code, JOB_FAILED)}.md"


def run(settings: Settings, glue_name: str, run_id: str) -> str:
    where = f"{_console(settings)}/gluestudio/home?region={settings.region}#/job/{quote(glue_name, safe='')}"
    return f"{where}/run/{quote(run_id, safe='')}" if run_id else f"{where}/runs"


def logs(settings: Settings, run_id: str) -> str:
    """CloudWatch's console writes a path twice escaped, with $ for %."""

    def twice(text: str) -> str:
        return quote(quote(text, safe=""), safe="").replace("%", "$")

    where = f"{_console(settings)}/cloudwatch/home?region={settings.region}#logsV2:log-groups/log-group/{twice(settings.log_group)}"
    return f"{where}$3FlogStreamNameFilter$3D{twice(run_id)}" if run_id else where


def _console(settings: Settings) -> str:
    return f"https://{settings.region}.console.aws.amazon.com"
