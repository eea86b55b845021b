"""What a person sees while Terraform works. Everything that it prints is in a log."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO

from rich.console import Console
from rich.status import Status

from cli.deploy.terraform_progress import TerraformProgress
from cli.progress import is_quiet
from lakehouse.project import Project

# A log of a workflow, which cannot redraw a line, gets one so often.
_EVERY_SECONDS = 15.0


class TerraformScreen:
    """Shows a summary of a command that runs, or the `whole` of it where its text is what was asked for."""

    def __init__(self, command: str, env: str, *, whole: bool) -> None:
        self._title = f"terraform {command}"
        self._whole = whole
        self._progress = TerraformProgress()
        self._began = self._shown = time.monotonic()
        self._console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
        is_live = self._console.is_terminal and not is_quiet()
        self._status = Status(self._title, console=self._console) if is_live else None
        self.log = _log_file(command, env)
        self._file: IO[str] = os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT, 0o600), "w")

    def __enter__(self) -> TerraformScreen:
        if self._status and not self._whole:
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        if self._status:
            self._status.stop()
        self._file.close()

    def read(self, line: str) -> None:
        """Takes in a line of Terraform."""
        self._file.write(line)
        self._file.flush()
        if self._whole:
            sys.stdout.write(line)
            sys.stdout.flush()
            return
        self._print(self._progress.read(line))
        if self._status:
            self._status.update(f"{self._title}: {self._progress.status()}")
        elif time.monotonic() - self._shown > _EVERY_SECONDS and not is_quiet():
            self._print([f"{self._title}: {self._progress.status()}"])
            self._shown = time.monotonic()

    def end(self) -> None:
        """The command has ended: what it would change or did, what was slow, and where all of it stands."""
        if self._whole:
            return
        self._print([*self._progress.rest(), *self._progress.changes(), *self._progress.results])
        if slow := self._progress.slowest():
            self._print([f"slowest: {slow}"])
        warnings = f", {self._progress.warnings} warnings in it" if self._progress.warnings else ""
        took = time.monotonic() - self._began
        self._print([f"{self._title}: {took:.0f} s; everything that it printed: {self.log}{warnings}"])

    def _print(self, lines: list[str]) -> None:
        for line in lines:
            self._console.print(line, markup=False)


def _log_file(command: str, env: str) -> Path:
    folder = Project.find().local / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"terraform-{env}-{command}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.log"
