"""`python -m benchmarks.streams`: messages per second of the engine and of a bare Structured Streaming job.

Both read the same topic of real traffic events with the same limits, and write the same rows into tables of
the same properties.
"""

from __future__ import annotations

import json
import os
import sys
import time
from statistics import median
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.stream_bench import StreamBench, stream_bench
from benchmarks.stream_sides import SINKS, Sides
from local_aws.processes import psutil

MIN_RATIO = 0.95


def main(
    months: Annotated[int, typer.Option(help="Months of traffic events; one has about 120,000.")] = 12,
    batch: Annotated[
        int | None,
        typer.Option(help="Greatest number of messages in a micro-batch; by default that of the job."),
    ] = None,
    rounds: Annotated[int, typer.Option(help="Rounds that count, after one to warm up.")] = 3,
    sink: Annotated[str, typer.Option(help="delta, postgres, or both.")] = "both",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Compare the engine with bare jobs. Exit code 1 when the rows differ, or a ratio is below 0.95."""
    with stream_bench(months, batch) as bench:
        sinks = ("delta", "postgres") if sink == "both" else (sink,)
        comparisons = [_compare(bench, SINKS[s](bench), rounds) for s in sinks]
        result = {"messages": bench.messages, "cores": os.cpu_count(), "sinks": comparisons}
    holds = all(c["equal"] and c["ratio"] >= MIN_RATIO for c in comparisons)
    print(json.dumps({**result, "holds": holds}, indent=2)) if as_json else _show(result)
    if not holds:
        raise typer.Exit(1)


def _compare(bench: StreamBench, sides: Sides, rounds: int) -> dict[str, Any]:
    """The sides take turns to begin. The ratio is the median of the rounds' ratios."""
    for n in range(rounds + 1):
        for side in ("engine", "bare") if n % 2 else ("bare", "engine"):
            sides.ready(side)
            busy, began = _cpu(), time.perf_counter()
            sides.act[side]()
            if n:
                sides.seconds[side].append(time.perf_counter() - began)
                sides.cpu[side].append(_cpu() - busy)
            typer.echo(
                f"{sides.name}, {side}: {time.perf_counter() - began:.1f} s, {_cpu() - busy:.1f} s of CPU",
                err=True,
            )
    sums = {side: sides.checksum(side) for side in ("engine", "bare")}
    ratios = [b / e for e, b in zip(sides.seconds["engine"], sides.seconds["bare"], strict=True)]
    return {
        "sink": sides.name,
        "batch": sides.batch,
        **{
            f"{side}_per_second": round(bench.messages / median(sides.seconds[side]))
            for side in ("engine", "bare")
        },
        "ratio": round(median(ratios), 3),
        "ratios": [round(r, 3) for r in ratios],
        "cpu_ratio": round(median(sides.cpu["bare"]) / median(sides.cpu["engine"]), 3),
        "seconds": {s: [round(x, 2) for x in v] for s, v in sides.seconds.items()},
        "rows": sums["engine"][0],
        "equal": sums["engine"] == sums["bare"],
    }


def _cpu() -> float:
    me = psutil.Process()
    return float(
        sum(
            p.cpu_times().user + p.cpu_times().system
            for p in (me, *(c for c in me.children() if c.name() == "java"))
        )
    )


def _show(result: dict[str, Any]) -> None:
    table = Table(
        title=f"{result['messages']:,} messages, {result['cores']} cores; medians",
        title_justify="left",
    )
    for name in ("sink", "engine/s", "bare/s", "ratio", "limit", "of CPU", "same rows"):
        table.add_column(name, justify="left" if name == "sink" else "right", no_wrap=name == "sink")
    for s in result["sinks"]:
        ratio = f"{s['ratio']:.2f}"
        table.add_row(
            f"{s['sink']}, by {s['batch']:,}",
            f"{s['engine_per_second']:,}",
            f"{s['bare_per_second']:,}",
            ratio if s["ratio"] >= MIN_RATIO else f"[red]{ratio}[/red]",
            f"≥ {MIN_RATIO:.2f}",
            f"{s['cpu_ratio']:.2f}",
            "yes" if s["equal"] else "[red]no[/red]",
        )
    Console(width=None if sys.stdout.isatty() else 120).print(table)


if __name__ == "__main__":
    typer.run(main)
