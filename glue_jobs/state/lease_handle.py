"""A lease while it is held: renewed in the background, checked before every commit, given back at the end."""

from __future__ import annotations

import contextvars
import logging
import threading
from datetime import UTC, datetime

from glue_jobs.errors import RunError
from glue_jobs.state.control_table import ConflictError, Item, Items
from glue_jobs.state.process import now
from lakehouse.environments.control import KEY

log = logging.getLogger(__name__)


class LeaseLostError(RunError):
    """The lease expired or somebody else took it: nothing may be written any more."""

    code = "RUN021"


class Held:
    """`fence` is larger than that of every earlier holder, so that a late write can be told from a current one."""

    def __init__(self, items: Items, item: Item, asked: float, seconds: float) -> None:
        """`asked` is when the put was sent, on the clock of `process.now`; from then on the lease lasts `seconds`."""
        self.resource: str = item[KEY]
        self.holder: str = item["holder"]
        self.fence: int = item["fence"]
        self.seconds = seconds
        self._items = items
        self._item = item
        self._valid_until = asked + seconds
        self._lost = ""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Renew in the background, with this thread's log context, until released."""
        context = contextvars.copy_context()
        self._thread = threading.Thread(
            target=context.run, args=(self._renew_all,), name=f"lease-{self.resource}", daemon=True
        )
        self._thread.start()

    def check(self) -> None:
        """Raise LeaseLostError unless the lease is held now: by the clock, by the table, and by the clock again after the reading."""
        self._raise_if_expired()
        found = self._items.get(self.resource)
        if found is None or found["fence"] != self.fence:
            self._lost = f"taken by run {found['holder']} at {found['since']}" if found else "deleted"
        self._raise_if_expired()

    def _raise_if_expired(self) -> None:
        if not self._lost and now() >= self._valid_until:
            self._lost = f"not renewed for {self.seconds:g} s: this process was stopped, or could not reach the table of leases"
        if self._lost:
            raise LeaseLostError(
                f"the lease of '{self.resource}' (fence {self.fence}, run {self.holder}) was {self._lost}; nothing was written since"
            )

    def _renew_all(self) -> None:
        wait = self.seconds / 3
        while not self._stop.wait(wait) and not self._lost:
            # A lease that expired is never revived: somebody may have looked meanwhile, and check() must not change its mind.
            if now() >= self._valid_until:
                return
            wait = self.seconds / 3 if self._renew() else self.seconds / 10

    def _renew(self) -> bool:
        asked = now()
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            self._item = self._items.replace(self._item, {**self._item, "renewed_at": stamp})
        except ConflictError as conflict:
            by = conflict.found["holder"] if conflict.found else "nobody"
            self._lost = f"taken by run {by}"
            log.error("lease of %s lost to run %s", self.resource, by)
            return False
        except Exception as error:  # any failure to reach the table: the clock decides whether it matters
            log.warning("lease of %s not renewed: %s", self.resource, error)
            return False
        self._valid_until = asked + self.seconds
        return True

    def release(self) -> None:
        """Give the lease back; one that is lost, or cannot be given back, is left to expire."""
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=self.seconds)
        if self._lost:
            log.error("lease of %s was lost before it was released: %s", self.resource, self._lost)
            return
        try:
            self._items.replace(self._item, {**self._item, "released": True})
        except ConflictError as conflict:
            log.error(
                "lease of %s was taken before it was released, by %s",
                self.resource,
                (conflict.found or {}).get("holder"),
            )
        except Exception as error:  # the run's own outcome must not be hidden by this
            log.warning(
                "lease of %s not released, it expires in %g s: %s", self.resource, self.seconds, error
            )
