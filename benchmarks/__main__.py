"""`python -m benchmarks`: what the engine's promises cost, step by step, as ratios to bare scripts."""

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

TIME_WANTED, MEMORY_WANTED = 1.10, 1.20


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

    Exit code 1 when two tables differ, or a ratio is above what is wanted: 1.10 for time, 1.20 for memory.
    """
    with _place(rows) as (at, sources):
        from benchmarks.measure import compare, once
        from benchmarks.steps import steps

        if side:
            typer.echo(json.dumps(once(at, steps(at, sources), side)))
            return
        timings = []
        for one in steps(at, sources):
            typer.echo(f"{one.name} …", err=True)
            timings.append(compare(at, one, rounds if step in one.name else 0))
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
def _place(rows: int) -> Iterator[Any]:
    from local_aws.local_platform import local_platform

    with (
        tempfile.TemporaryDirectory() as folder,
        local_platform(load_environment("local"), Path(folder) / "world", only=["aws"]) as overlay,
    ):
        os.environ[OVERLAY] = str(overlay)
        from benchmarks.data import write_sources
        from benchmarks.place import Place
        from glue_jobs.session import spark_session

        sources = write_sources(Path(folder) / "sources", rows)
        env = load_environment("local")
        spark = spark_session(env)
        yield Place(env, spark), sources
        spark.stop()


def _alone(rows: int, side: str) -> dict[str, float]:
    """A driver keeps the memory it once had, so each side has one of its own."""
    typer.echo(f"memory of {side} …", err=True)
    command = [sys.executable, "-m", "benchmarks", "--rows", str(rows), "--side", side]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peaks: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return peaks


def _result(rows: int, timings: list[Any], peaks: dict[str, dict[str, float]]) -> dict[str, Any]:
    steps = [
        {
            "step": t.step, "engine_seconds": round(t.median("engine"), 2), "bare_seconds": round(t.median("bare"), 2),
            "ratio": round(t.ratio, 3), "cpu_ratio": round(t.cpu_ratio, 3), "equal": t.equal, "table": t.tables.get("engine"),
            "rounds": {s: [round(x, 2) for x in values] for s, values in t.seconds.items()},
        }
        for t in timings
    ]  # fmt: skip
    most = {s: round(max(found.values())) for s, found in peaks.items()}
    share = round(most["engine"] / most["bare"], 3) if most else None
    holds = all(s["equal"] and s["ratio"] <= TIME_WANTED for s in steps) and (
        share is None or share <= MEMORY_WANTED
    )
    memory: Any = psutil.virtual_memory()  # type: ignore[no-untyped-call]
    machine = {"cores": os.cpu_count(), "memory_gib": round(memory.total / 2**30)}
    return {
        "rows": rows,
        "machine": machine,
        "steps": steps,
        "peak_mib": most,
        "memory_ratio": share,
        "holds": holds,
    }


def _show(result: dict[str, Any]) -> None:
    machine = result["machine"]
    title = f"{result['rows']:,} order lines, {machine['cores']} cores, {machine['memory_gib']} GiB; medians, seconds"
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in ("step", "engine", "bare", "ratio", "wanted", "of CPU", "same table"):
        table.add_column(name, justify="left" if name == "step" else "right")
    for s in result["steps"]:
        ratio = f"{s['ratio']:.2f}"
        shown = ratio if s["ratio"] <= TIME_WANTED else f"[red]{ratio}[/red]"
        table.add_row(
            s["step"], f"{s['engine_seconds']:.2f}", f"{s['bare_seconds']:.2f}", shown, f"≤ {TIME_WANTED:.2f}",
            f"{s['cpu_ratio']:.2f}", "yes" if s["equal"] else "[red]no[/red]",
        )  # fmt: skip
    if result["memory_ratio"] is not None:
        most = result["peak_mib"]
        table.add_row(
            "peak resident MiB",
            f"{most['engine']:,}",
            f"{most['bare']:,}",
            f"{result['memory_ratio']:.2f}",
            f"≤ {MEMORY_WANTED:.2f}",
            "",
        )
    console = Console()
    console.print(table, width=None if console.is_terminal else 120)


if __name__ == "__main__":
    typer.run(main)
