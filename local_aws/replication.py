"""S3's replication: what is written in a bucket reaches the bucket of its rule later, keys in any order.

A rule copies versions, with their ids, and delete markers, where it says so. It copies neither what was
written before it nor a deletion of a version. Its role must read the source, write the copy and use both
keys. The status of a version is `PENDING`, then `COMPLETED` or `FAILED`; that of a copy is `REPLICA`, and no
rule copies it on.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_aws.iam.assumption import AssumptionError, role_session
from local_aws.replication_rules import Rule, actions, is_marker, rule_of

if TYPE_CHECKING:
    from local_aws.glue.host import GlueHost
    from local_aws.iam.guard import Guard

log = logging.getLogger(__name__)
# Seconds until a copy is made. AWS takes up to 15 minutes.
_SOONEST, _LATEST = 0.05, 2.0
_current: list[Replication] = []


@dataclass(order=True)
class _Due:
    at: float
    number: int
    account: str = field(compare=False)
    bucket: str = field(compare=False)
    version: Any = field(compare=False)


class Replication:
    """The copies that are to be made, and the thread that makes them."""

    def __init__(
        self, host: GlueHost, guard: Guard, lock: Callable[[str], AbstractContextManager[Any]]
    ) -> None:
        self._host, self._guard, self._lock = host, guard, lock
        self._due: list[_Due] = []
        self._last: dict[tuple[str, str], float] = {}
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._keys: dict[str, str] = {}
        threading.Thread(target=self._work, daemon=True).start()

    def later(self, account: str, bucket: str, version: Any) -> None:
        """Copy a version or a delete marker of a bucket; versions of one key keep their order."""
        with self._changed:
            name = (bucket, version.name)
            at = time.monotonic() + random.uniform(_SOONEST, _LATEST)
            self._last[name] = at = max(at, self._last.get(name, 0.0))
            heapq.heappush(self._due, _Due(at, next(self._numbers), account, bucket, version))
            self._changed.notify()

    def copy_now(self, account: str, bucket: str, version: Any) -> str | None:
        """Copy a version or a delete marker at once. Returns why it was refused; None when it was copied."""
        # The role's session is a request of its own: it is opened before the lock is taken.
        key = self._session(account, bucket, version)
        with self.locked():
            return self._copy(account, bucket, version, key)

    def locked(self) -> AbstractContextManager[Any]:
        """Keeps requests to S3 away meanwhile."""
        return self._lock("s3")

    def bucket(self, account: str, name: str) -> Any:
        """moto's bucket; None when it does not exist."""
        return _buckets(account).get(name)

    def _work(self) -> None:
        while True:
            due = self._next()
            try:
                self.copy_now(due.account, due.bucket, due.version)
            except Exception:
                log.exception("replication of s3://%s/%s", due.bucket, due.version.name)
                due.version.replication_status = "FAILED"

    def _next(self) -> _Due:
        with self._changed:
            while not self._due or self._due[0].at > time.monotonic():
                self._changed.wait(self._due[0].at - time.monotonic() if self._due else None)
            due = heapq.heappop(self._due)
            if self._last.get((due.bucket, due.version.name)) == due.at:
                del self._last[due.bucket, due.version.name]
            return due

    def _session(self, account: str, bucket: str, version: Any) -> str | None:
        """The access key of the rule's role; None where S3 may not take the role on."""
        rule = rule_of(_buckets(account).get(bucket), version.name)
        if rule is None:
            return None
        if rule.role not in self._keys:
            region = _buckets(account)[bucket].region_name
            try:
                session = role_session(self._host, region, rule.role, "s3.amazonaws.com", "s3-replication")
            except AssumptionError:
                return None
            self._keys[rule.role] = session["aws_access_key_id"]
        return self._keys[rule.role]

    def _copy(self, account: str, bucket: str, version: Any, key: str | None) -> str | None:
        buckets = _buckets(account)
        source = buckets.get(bucket)
        rule = rule_of(source, version.name)
        if source is None or rule is None:
            return f"{bucket} has no replication rule for {version.name}"
        target = buckets.get(rule.bucket)
        refused = "S3 may not take on its role" if key is None else None
        if target is None or not target.is_versioned:
            refused = f"{rule.bucket} is no bucket with versions"
        for action in actions(source, rule, version, target) if key and refused is None else ():
            # ARNs of objects name no region; those of keys do.
            region = action.resource.split(":")[3] or source.region_name
            refused = refused or self._guard.refusal(account, region, key or "", action)
        if refused is not None:
            log.warning("s3://%s/%s is not replicated: %s", bucket, version.name, refused)
            version.replication_status = "FAILED"
            return refused
        _put_copy(account, rule, version)
        version.replication_status = "COMPLETED"
        return None


def replicate_by(replication: Replication) -> None:
    """Copy by `replication` from now on; before, nothing is copied."""
    _current[:] = [replication]


def current() -> Replication | None:
    """What copies in this process; None where moto only records the rules."""
    return _current[0] if _current else None


def _buckets(account: str) -> Any:
    return _backend(account).buckets


def _backend(account: str) -> Any:
    from moto.backends import get_backend

    backends: Any = get_backend("s3")
    return backends[account]["aws"]


def _put_copy(account: str, rule: Rule, version: Any) -> None:
    from moto.s3.models import FakeDeleteMarker

    backend = _backend(account)
    keys = backend.buckets[rule.bucket].keys
    if is_marker(version):
        if version.name in keys:
            marker = FakeDeleteMarker(keys[version.name])
            marker._version_id, marker.last_modified = version.version_id, version.last_modified
            marker.replication_status = "REPLICA"  # type: ignore[attr-defined]
            keys[version.name] = marker
        return
    stored = (one for one in keys.getlist(version.name, []) if one.version_id == version.version_id)
    if next(stored, None) is not None:
        return
    encryption = {"encryption": "aws:kms", "kms_key_id": rule.key} if rule.key else {}
    copy = backend.put_object(
        rule.bucket,
        version.name,
        version.value,
        storage=version.storage_class,
        etag=version.etag.strip('"') if version.multipart else None,
        disable_notification=True,
        **encryption,
    )
    copy._version_id, copy.last_modified = version.version_id, version.last_modified
    copy.set_metadata(version.metadata, replace=True)
    backend.tagger.copy_tags(version.arn, copy.arn)
    copy.replication_status = "REPLICA"
