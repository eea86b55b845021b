"""Executes one attempt of a run, in a thread of its own."""

from __future__ import annotations

import logging
import math
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from subprocess import TimeoutExpired

from local_aws.glue import credentials, events
from local_aws.glue.arguments import RunArguments
from local_aws.glue.capacity import Cores, Share
from local_aws.glue.cloudwatch import LogStream
from local_aws.glue.host import GlueHost
from local_aws.glue.job_run import (
    ERROR,
    FAILED,
    RUNNING,
    STARTING,
    STOPPED,
    STOPPING,
    SUCCEEDED,
    TIMEOUT,
    JobRun,
)
from local_aws.glue.process import RunProcess, start_script
from local_aws.glue.s3_files import LaunchError

log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.25


@dataclass
class Execution:
    """One attempt: `cores` are taken before it starts and given back at its end.

    `job_exists` answers whether the job is still defined; `on_end` is called with the ended run.
    """

    host: GlueHost
    run: JobRun
    arguments: RunArguments
    share: Share
    cores: Cores
    job_exists: Callable[[], bool]
    on_end: Callable[[JobRun], None]
    holds_cores: bool
    stopped: threading.Event = field(default_factory=threading.Event)
    process: RunProcess | None = None

    def start(self) -> None:
        """In a thread that lives as long as the run's process: Linux ends that with the thread."""
        threading.Thread(target=self._execute, name=self.run.id, daemon=True).start()

    def stop(self) -> None:
        """Ask the run to end; it becomes STOPPED when its process has ended."""
        self.run.become(STOPPING)
        self.stopped.set()

    def kill(self) -> None:
        """End the run's process at once, with the platform."""
        if self.process is not None:
            self.process.kill()

    @property
    def _is_counted(self) -> bool:
        # A stream has no end: if it held cores, batch jobs would wait for ever.
        return not self.run.request.is_streaming

    def _execute(self) -> None:
        state, error = ERROR, ""
        try:
            if self._is_counted and not self.holds_cores:
                self.holds_cores = self.cores.take(self.share.cores, self.stopped)
            state, error = self._outcome()
        except LaunchError as failure:
            state, error = FAILED, str(failure)
        except Exception as failure:  # a fault of the platform is the run's, so that nobody waits for it
            log.exception("run %s", self.run.id)
            state, error = FAILED, f"Internal service failure: {failure}"
        finally:
            if self.holds_cores:
                self.cores.give_back(self.share.cores)
        self.run.become(state, error)
        events.state_changed(self.host, self.run)
        self.on_end(self.run)

    def _outcome(self) -> tuple[str, str]:
        """How the attempt ends: its state, and the error that Glue shows."""
        if self.stopped.is_set():
            return STOPPED, ""
        if not self.job_exists():
            return ERROR, f"Job {self.run.request.job_name} does not exist"
        if self.run.state != STARTING:
            self.run.become(STARTING)
        request = self.run.request
        role = credentials.role_arn(request.role, request.account)
        keys = credentials.role_session(self.host, request.region, role)
        self.process = start_script(self.host, self.run, self.arguments, self.share, keys)
        try:
            if not self.stopped.is_set():
                self.run.become(RUNNING)
            return self._watch(self.process, keys)
        finally:
            self.process.kill()
            with suppress(OSError):
                shutil.rmtree(self.host.folders.runs / self.run.id)

    def _watch(self, running: RunProcess, keys: dict[str, str]) -> tuple[str, str]:
        streams = self._streams(running, keys)
        deadline = self._in_minutes(self.run.request.timeout)
        late = self._in_minutes(self.run.request.notification.get("NotifyDelayAfter"))
        outcome = None
        while outcome is None:
            if time.monotonic() > late:
                events.delayed(self.host, self.run)
                late = math.inf
            with suppress(TimeoutExpired):
                running.process.wait(_LOOK_SECONDS)
            outcome = self._ended(running, deadline)
            for stream in streams:
                stream.send(ended=outcome is not None)
        return outcome

    def _in_minutes(self, minutes: int | None) -> float:
        """The monotonic time in so many minutes; without minutes it never comes."""
        return time.monotonic() + minutes * self.host.minute if minutes else math.inf

    def _ended(self, running: RunProcess, deadline: float) -> tuple[str, str] | None:
        code = running.process.poll()
        if self.stopped.is_set():
            running.stop()
            return STOPPED, ""
        if code is not None:
            return (SUCCEEDED, "") if code == 0 else (FAILED, running.error_message())
        if time.monotonic() > deadline:
            running.stop()
            return TIMEOUT, "Job run timed out"
        return None

    def _streams(self, running: RunProcess, keys: dict[str, str]) -> list[LogStream]:
        logs = self.host.client("logs", self.run.request.region, keys)
        name = self.arguments.stream(self.run.id)
        streams = [
            LogStream(logs, self.arguments.output_group, name, running.output),
            LogStream(logs, self.arguments.error_group, name, running.error),
        ]
        if group := self.arguments.continuous_group:
            streams.append(LogStream(logs, group, f"{name}-driver", running.error))
        return streams
