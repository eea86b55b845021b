"""The message about a finding."""

from __future__ import annotations

from datetime import date

from lambdas.common import links
from lambdas.common.message import Message
from lambdas.common.redact_patterns import first_line
from lambdas.common.settings import Settings
from lambdas.sla_checker.findings import Finding

MAX_FACT = 900


def message(settings: Settings, finding: Finding, today: date) -> Message:
    """The message about a finding. Its key holds the day, so the same finding is sent once a day."""
    job = finding.job
    facts = {
        "Job": f"{job.name} ({job.pipeline}, owner {job.owner})",
        "Environment": settings.environment,
        "What": f"{finding.subject} {finding.text}",
        "Audit run": finding.run_id,
    }
    return Message(
        key=f"{finding.kind}:{finding.subject}:{today.isoformat()}",
        severity="finding",
        title=f"[{settings.environment}] {finding.subject}: {finding.kind.replace('_', ' ')}",
        facts=tuple((name, first_line(value, MAX_FACT)) for name, value in facts.items() if value),
        links=(
            ("Runs", links.run(settings, job.glue_name, "")),
            ("Logs", links.logs(settings, "")),
            ("Runbook", links.runbook(settings, finding=finding.kind)),
        ),
    )
