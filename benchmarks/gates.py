"""`python -m benchmarks.gates`: a day's gate of silver.orders after a year, by that after a month."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import partial
from statistics import median
from typing import Annotated, Any

import typer

from benchmarks.__main__ import opened

GATE = "dq_silver_gate"
HISTORIES = {"month": 31, "year": 366}


def main(
    rows: Annotated[int, typer.Option(help="Order lines of the year.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(help="Rounds that count, after one to warm up.")] = 3,
) -> None:
    """Judge the last day of the year after both histories in turn, and print the ratio of both."""
    with opened(rows) as (bench, sources):
        from benchmarks.measure import timed
        from benchmarks.steps import SILVER, Step, steps

        for step in steps(bench, sources)[:2]:
            step.ready("engine")
            step.engine()
            step.after()
        bench.copy(bench.uri(SILVER, "base"), bench.uri(SILVER, "all"))
        passed = {name: _history(bench, SILVER, name, days) for name, days in HISTORIES.items()}

        def ready(name: str, side: str) -> None:
            bench.copy(bench.uri(SILVER, name), bench.uri(SILVER))
            bench.position(GATE, SILVER, passed[name])

        gate = partial(bench.run, GATE, reads=(SILVER,))
        sides = {name: Step(name, None, partial(ready, name), gate, gate) for name in HISTORIES}
        seconds: dict[str, list[float]] = {name: [] for name in HISTORIES}
        cpu: dict[str, list[float]] = {name: [] for name in HISTORIES}
        for n in range(rounds + 1):
            for name in HISTORIES if n % 2 else reversed(HISTORIES):
                took, busy = timed(bench, sides[name], "engine")
                if n:
                    seconds[name].append(took)
                    cpu[name].append(busy)
    result = {
        "rows": rows,
        "seconds": {name: round(median(of), 2) for name, of in seconds.items()},
        "ratio": round(median(y / m for y, m in zip(seconds["year"], seconds["month"], strict=True)), 3),
        "cpu_ratio": round(median(cpu["year"]) / median(cpu["month"]), 3),
    }
    typer.echo(json.dumps(result, indent=2))


def _history(bench: Any, table: str, name: str, days: int) -> Any:
    """Makes a table of the last `days` days, of which the gate has passed all but the last; its position."""
    from pyspark.sql import functions as F

    from glue_jobs.state.watermark import Watermarks

    rows = bench.spark.read.format("delta").load(bench.uri(table, "all"))
    last: date = rows.agg(F.max("order_date")).collect()[0][0]
    bench.drop(bench.uri(table))
    day = F.col("order_date")
    bench.write(table, rows.where((day > last - timedelta(days=days)) & (day < last)))
    bench.position(GATE, table, None)
    bench.run(GATE, reads=(table,))
    bench.write(table, rows.where(day == last))
    bench.copy(bench.uri(table), bench.uri(table, name))
    return Watermarks(bench.env).read(f"{GATE}.{table}").position


if __name__ == "__main__":
    typer.run(main)
