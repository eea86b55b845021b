"""The versions that a batch job copies, found by the filter of its manifest generator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from local_aws.replication_rules import is_marker, rule_of

# The status of a version that was written before its bucket had a rule.
NONE = "NONE"
_NAME_TESTS = {
    "MatchAnyPrefix": str.startswith,
    "MatchAnySubstring": str.__contains__,
    "MatchAnySuffix": str.endswith,
}


def versions(bucket: Any, conditions: dict[str, Any]) -> Iterator[Any]:
    """The versions and delete markers of a bucket that the filter of a generator takes, oldest first."""
    for key in sorted(bucket.keys):
        for version in list(bucket.keys.getlist(key)):
            if _is_taken(bucket, version, conditions):
                yield version


def _is_taken(bucket: Any, version: Any, conditions: dict[str, Any]) -> bool:
    statuses = conditions.get("ObjectReplicationStatuses") or []
    if statuses and status_of(version) not in statuses:
        return False
    if "EligibleForReplication" in conditions:
        rule = rule_of(bucket, version.name)
        is_eligible = rule is not None and (rule.markers or not is_marker(version))
        if is_eligible is not bool(conditions["EligibleForReplication"]):
            return False
    return _is_named(version.name, conditions) and _is_of_time(version, conditions)


def _is_named(key: str, conditions: dict[str, Any]) -> bool:
    names = conditions.get("KeyNameConstraint") or {}
    return all(
        any(test(key, text) for text in names[name]) for name, test in _NAME_TESTS.items() if names.get(name)
    )


def _is_of_time(version: Any, conditions: dict[str, Any]) -> bool:
    created: datetime = version.last_modified
    after, before = (_plain(conditions.get(name)) for name in ("CreatedAfter", "CreatedBefore"))
    return (after is None or created > after) and (before is None or created < before)


def _plain(moment: datetime | None) -> datetime | None:
    """moto keeps times in UTC, without saying so."""
    return moment and moment.replace(tzinfo=None)


def status_of(version: Any) -> str:
    """The replication status of a version, as the filter of a generator calls it."""
    return getattr(version, "replication_status", None) or NONE
