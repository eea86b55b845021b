"""`python -m benchmarks.days`: the time of the pipeline over a history, and of one more day after it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from lakehouse.environments import load_environment
from lakehouse.environments.reader import OVERLAY
from local_aws.processes import psutil

FIRST = date(2017, 1, 1)
HISTORIES = {"1 month": date(2017, 1, 30), "12 months": date(2017, 12, 30)}


@dataclass
class Run:
    """Seconds of the command, rows ingested, seconds by job, and peak memory of its processes in bytes."""

    seconds: float
    rows: int
    jobs: dict[str, float]
    peak: int


def main() -> None:
    table = Table(
        "history",
        "rows",
        "history s",
        "peak GiB",
        "one more day: rows",
        "s",
        title="the pipeline, and a day after it",
    )
    days: dict[str, Run] = {}
    for name, end in HISTORIES.items():
        history, day = measure(end)
        days[name] = day
        table.add_row(
            name,
            f"{history.rows:,}",
            f"{history.seconds:.0f}",
            f"{history.peak / 2**30:.1f}",
            f"{day.rows:,}",
            f"{day.seconds:.0f}",
        )
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table)
    short, long = days["1 month"], days["12 months"]
    console.print(
        f"a day after 12 months costs {long.seconds / short.seconds:.2f} × a day after 1 month, "
        f"for {long.rows / short.rows:.2f} × its rows"
    )
    for job in short.jobs:
        console.print(f"  {job:28} {short.jobs[job]:6.1f} s {long.jobs[job]:6.1f} s")


def measure(end: date) -> tuple[Run, Run]:
    """The history up to `end` in one run, and the day after it in another, on a platform of their own."""
    from local_aws.local_platform import local_platform
    from sample_data.load import load_sample

    with (
        tempfile.TemporaryDirectory() as folder,
        local_platform(load_environment("local"), Path(folder)) as overlay,
    ):
        os.environ[OVERLAY] = str(overlay)
        try:
            load_sample(load_environment("local"), FIRST, end)
            history = run(end)
            following = end + timedelta(days=1)
            load_sample(load_environment("local"), following, following)
            return history, run(following)
        finally:
            del os.environ[OVERLAY]


def run(day: date) -> Run:
    command = [
        sys.executable,
        "-m",
        "cli",
        "run",
        "--pipeline",
        "retail",
        "--env",
        "local",
        "--run-date",
        str(day),
        "--json",
    ]
    began = time.monotonic()
    with (
        tempfile.TemporaryFile("w+") as out,
        subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, text=True) as process,
    ):
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident(process.pid))
            time.sleep(0.25)
        out.seek(0)
        rows: list[dict[str, Any]] = json.loads(out.read())
    failed = [r["job"] for r in rows if r["status"] != "done"]
    if failed:
        raise SystemExit(f"{day}: {', '.join(failed)} failed")
    read = sum(r["rows in"] for r in rows if r["job"].endswith("_to_bronze"))
    return Run(time.monotonic() - began, read, {r["job"]: r["seconds"] for r in rows}, peak)


def _resident(pid: int) -> int:
    try:
        process = psutil.Process(pid)
        return sum(p.memory_info().rss for p in (process, *process.children(recursive=True)))
    except psutil.Error:
        return 0


if __name__ == "__main__":
    main()
