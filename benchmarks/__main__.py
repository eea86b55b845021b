"""`python -m benchmarks`: the time and memory of each engine step, as ratios to bare scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer
from rich.console import Console
from rich.table import Table

from lakehouse.environments import load_environment
from lakehouse.environments.reader import OVERLAY

MAX_TIME_RATIO, MAX_MEMORY_RATIO = 1.10, 1.20


def main(
    rows: Annotated[
        int, typer.Option(help="Order lines; the installed year has 1,469,307, and is repeated for more.")
    ] = 4_000_000,
    rounds: Annotated[int, typer.Option(help="Rounds that count, after two to warm up.")] = 3,
    step: Annotated[
        str, typer.Option(help="Show only the steps whose name contains this; those before it run once.")
    ] = "",
    memory: Annotated[bool, typer.Option(help="Measure peak memory too, in a process for each side.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
    side: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Compare each engine step with a bare hand-written Spark script that writes the same table.

    Exit code 1 when two tables differ, or a ratio exceeds its limit: 1.10 for time, 1.20 for memory.
    """
    with opened(rows) as (bench, sources):
        from benchmarks.measure import compare, once
        from benchmarks.steps import steps

        if side:
            typer.echo(json.dumps(once(bench, steps(bench, sources), side)))
            return
        timings = []
        for one in steps(bench, sources):
            typer.echo(f"{one.name} …", err=True)
            timings.append(compare(bench, one, rounds if step in one.name else 0))
    timings = [t for t in timings if t.seconds["bare"]]
    peaks = {s: _alone(rows, s) for s in ("engine", "bare")} if memory else {}
    result = _result(rows, timings, peaks)
    if as_json:
        typer.echo(json.dumps(result, indent=2))
    else:
        _show(result)
    if not result["holds"]:
        raise typer.Exit(1)


@contextmanager
def opened(rows: int) -> Iterator[Any]:
    """The tables of a benchmark on a platform of its own, and their sources of `rows` order lines."""
    from local_aws.local_platform import local_platform

    with (
        tempfile.TemporaryDirectory() as folder,
        local_platform(load_environment("local"), Path(folder) / "platform", only=["aws"]) as overlay,
    ):
        os.environ[OVERLAY] = str(overlay)
        from benchmarks.bench_tables import BenchTables
        from benchmarks.data import write_sources
        from glue_jobs.session import spark_session

        sources = write_sources(Path(folder) / "sources", rows)
        env = load_environment("local")
        spark = spark_session(env)
        yield BenchTables(env, spark), sources
        spark.stop()


def _alone(rows: int, side: str) -> dict[str, float]:
    """A driver keeps the memory that it once had, so each side runs in its own process."""
    typer.echo(f"memory of {side} …", err=True)
    command = [sys.executable, "-m", "benchmarks", "--rows", str(rows), "--side", side]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peaks: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return peaks


def _result(rows: int, timings: list[Any], peaks: dict[str, dict[str, float]]) -> dict[str, Any]:
    steps = [
        {
            "step": timing.step,
            "engine_seconds": round(timing.median("engine"), 2),
            "bare_seconds": round(timing.median("bare"), 2),
            "ratio": round(timing.ratio, 3),
            "cpu_ratio": round(timing.cpu_ratio, 3),
            "equal": timing.equal,
            "table": timing.tables.get("engine"),
            "rounds": {side: [round(x, 2) for x in values] for side, values in timing.seconds.items()},
        }
        for timing in timings
    ]
    peak = {side: round(max(by_step.values())) for side, by_step in peaks.items()}
    share = round(peak["engine"] / peak["bare"], 3) if peak else None
    in_time = all(step["equal"] and step["ratio"] <= MAX_TIME_RATIO for step in steps)
    holds = in_time and (share is None or share <= MAX_MEMORY_RATIO)
    memory: Any = psutil.virtual_memory()  # type: ignore[no-untyped-call]
    machine = {"cores": os.cpu_count(), "memory_gib": round(memory.total / 2**30)}
    return {
        "rows": rows,
        "machine": machine,
        "steps": steps,
        "peak_mib": peak,
        "memory_ratio": share,
        "holds": holds,
    }


def _show(result: dict[str, Any]) -> None:
    machine = result["machine"]
    size = f"{machine['cores']} cores, {machine['memory_gib']} GiB"
    title = f"{result['rows']:,} order lines, {size}; medians, seconds"
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in ("step", "engine", "bare", "ratio", "limit", "of CPU", "same table"):
        table.add_column(name, justify="left" if name == "step" else "right")
    for step in result["steps"]:
        ratio = f"{step['ratio']:.2f}"
        table.add_row(
            step["step"],
            f"{step['engine_seconds']:.2f}",
            f"{step['bare_seconds']:.2f}",
            ratio if step["ratio"] <= MAX_TIME_RATIO else f"[red]{ratio}[/red]",
            f"≤ {MAX_TIME_RATIO:.2f}",
            f"{step['cpu_ratio']:.2f}",
            "yes" if step["equal"] else "[red]no[/red]",
        )
    if result["memory_ratio"] is not None:
        peak = result["peak_mib"]
        table.add_row(
            "peak resident MiB",
            f"{peak['engine']:,}",
            f"{peak['bare']:,}",
            f"{result['memory_ratio']:.2f}",
            f"≤ {MAX_MEMORY_RATIO:.2f}",
            "",
        )
    console = Console()
    console.print(table, width=None if console.is_terminal else 120)


if __name__ == "__main__":
    typer.run(main)
