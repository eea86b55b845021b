"""The handle of a lease: renews it in the background, checks it before commits, releases it at the end."""

from __future__ import annotations

import contextvars
import logging
import threading
from datetime import UTC, datetime

from glue_jobs.errors import RunError
from glue_jobs.state.control_table import ConflictError, ControlTable, Item
from glue_jobs.state.process import now
from lakehouse.environments.control import KEY

log = logging.getLogger(__name__)


class LeaseLostError(RunError):
    """The lease expired or another run took it: this run must not write any more."""

    code = "RUN021"


class LeaseHandle:
    """A lease that this run holds. `fence` is larger than that of every earlier holder of the resource."""

    def __init__(
        self, leases: ControlTable, renewals: ControlTable, item: Item, sent: float, seconds: float
    ) -> None:
        """The lease lasts `seconds` from `sent`, when the put was sent by the clock of `process.now`.

        `renewals`: the same table, whose calls are not repeated. The waits of botocore between repetitions
        grow, so that on a throttled table one renewal could outlast the lease.
        """
        self.resource: str = item[KEY]
        self.holder: str = item["holder"]
        self.fence: int = item["fence"]
        self.seconds = seconds
        self._leases = leases
        self._renewals = renewals
        self._item = item
        self._valid_until = sent + seconds
        self._lost = ""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Renews the lease in a background thread, with this thread's log context, until it is released."""
        context = contextvars.copy_context()
        self._thread = threading.Thread(
            target=context.run, args=(self._renew_all,), name=f"lease-{self.resource}", daemon=True
        )
        self._thread.start()

    def check(self) -> None:
        """Raises LeaseLostError unless this run holds the lease, by the clock and by the table."""
        self._raise_if_expired()
        current = self._leases.get(self.resource)
        if current is None or current["fence"] != self.fence:
            self._lost = f"taken by run {current['holder']} at {current['since']}" if current else "deleted"
        self._raise_if_expired()

    def _raise_if_expired(self) -> None:
        if not self._lost and now() >= self._valid_until:
            self._lost = (
                f"not renewed for {self.seconds:g} s: this process was stopped, "
                "or could not reach the table of leases"
            )
        if self._lost:
            raise LeaseLostError(
                f"the lease of '{self.resource}' (fence {self.fence}, run {self.holder}) was {self._lost}; "
                "nothing was written since"
            )

    def _renew_all(self) -> None:
        """Renews the lease every third of its time, and one that failed every twentieth."""
        while not self._stop.wait(self._wait()) and not self._lost:
            # An expired lease is never renewed: another run may hold it by now, and check() must not change
            # its answer.
            if now() >= self._valid_until:
                return
            while not self._renew() and not self._lost and now() < self._valid_until:
                if self._stop.wait(self.seconds / 20):
                    return

    def _wait(self) -> float:
        return max(0.0, self._valid_until - self.seconds * 2 / 3 - now())

    def _renew(self) -> bool:
        sent = now()
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            self._write(self._renewals, {"renewed_at": stamp})
        except ConflictError as conflict:
            thief = conflict.current["holder"] if conflict.current else "nobody"
            self._lost = f"taken by run {thief}"
            log.error("lease of %s lost to run %s", self.resource, thief)
            return False
        except Exception as error:  # any failure to reach the table: the clock decides whether it matters
            log.warning("lease of %s not renewed: %s", self.resource, error)
            return False
        self._valid_until = sent + self.seconds
        return True

    def _write(self, leases: ControlTable, changes: Item) -> None:
        """Changes the item of the lease. Raises ConflictError when it is another run's by now."""
        try:
            self._item = leases.replace(self._item, {**self._item, **changes})
        except ConflictError as conflict:
            current = conflict.current
            # An earlier put of this run whose reply was lost, and that could not be read back either.
            if current is None or current["fence"] != self.fence:
                raise
            self._item = leases.replace(current, {**current, **changes})

    def release(self) -> None:
        """Releases the lease. A lost lease, or one that cannot be released, expires by itself."""
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=self.seconds)
        if self._lost:
            log.error("lease of %s was lost before it was released: %s", self.resource, self._lost)
            return
        try:
            self._write(self._leases, {"released": True})
        except ConflictError as conflict:
            log.error(
                "lease of %s was taken before it was released, by %s",
                self.resource,
                (conflict.current or {}).get("holder"),
            )
        except Exception as error:  # the run's own outcome must not be hidden by this
            log.warning(
                "lease of %s not released, it expires in %g s: %s", self.resource, self.seconds, error
            )
