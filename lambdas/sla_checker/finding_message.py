"""A finding as a message."""

from __future__ import annotations

from datetime import date

from lambdas.common import links
from lambdas.common.message import Message
from lambdas.common.redact_patterns import first_line
from lambdas.common.settings import Settings
from lambdas.sla_checker.findings import Finding


def message(settings: Settings, finding: Finding, today: date) -> Message:
    """The same finding on the same day has the same key, and so is told once."""
    job = finding.job
    facts = {
        "Job": f"{job.name} ({job.pipeline}, owner {job.owner})",
        "Environment": settings.environment,
        "What": f"{finding.subject} {finding.what}",
        "Audit run": finding.run_id,
    }
    return Message(
        key=f"{finding.kind}:{finding.subject}:{today.isoformat()}",
        weight="finding",
        title=f"[{settings.environment}] {finding.subject}: {finding.kind.replace('_', ' ')}",
        facts=tuple((name, first_line(value, 900)) for name, value in facts.items() if value),
        links=(
            ("Runs", links.run(settings, job.glue_name, "")),
            ("Logs", links.logs(settings, "")),
            ("Runbook", links.runbook(settings, finding=finding.kind)),
        ),
    )
