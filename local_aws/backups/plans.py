"""Plans with their schedules: what their selections name is backed up when a rule is due."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from moto.backup.models import backup_backends

from local_aws.backups.backups import current
from local_aws.backups.model import BackupError
from local_aws.functions.next_time import next_time

log = logging.getLogger(__name__)
# Region, plan and selection → the selection as it was asked for.
selections: dict[tuple[str, str, str], dict[str, Any]] = {}
# Id of a rule → its expression, and when it comes next.
Due = dict[str, tuple[str, datetime]]


def start_due(due: Due, now: datetime) -> None:
    """Start the backups that are due, and note in `due` when each rule comes next. Times are in UTC."""
    backups = current()
    for region, plan, rule in _rules() if backups else ():
        expression = str(rule["ScheduleExpression"])
        known, at = due.get(rule["RuleId"], ("", now))
        if known == expression and at > now:
            continue
        if known == expression:
            _start(region, plan, rule)
        if (following := next_time(expression, now)) is not None:
            due[rule["RuleId"]] = expression, following


def _rules() -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    for regions in list(backup_backends.values()):
        for region, backend in list(regions.items()):
            for plan in backend.list_backup_plans(include_deleted=False):
                yield from ((region, plan, rule) for rule in plan.backup_plan["Rules"])


def _start(region: str, plan: Any, rule: Mapping[str, Any]) -> None:
    backups = current()
    by = {
        "BackupPlanId": plan.backup_plan_id,
        "BackupPlanArn": plan.backup_plan_arn,
        "BackupPlanVersion": plan.version_id,
        "BackupRuleId": rule["RuleId"],
    }
    days = (rule.get("Lifecycle") or {}).get("DeleteAfterDays")
    for (of_region, plan_id, _), selection in list(selections.items()):
        if not backups or (of_region, plan_id) != (region, plan.backup_plan_id):
            continue
        chosen = selection["BackupSelection"]
        for resource in chosen.get("Resources") or []:
            vault, role = rule["TargetBackupVaultName"], chosen["IamRoleArn"]
            try:
                backups.back_up(resource, vault, role, days, by, rule.get("CopyActions") or ())
            except BackupError as error:
                log.warning("%s is not backed up: %s", resource, error)
