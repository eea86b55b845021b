"""`lakehouse demo`: the retail month, from nothing to an answer on gold."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated

import typer

from cli.common import DAY, environment, print_rows
from cli.run.commands import choose, execute, summary
from cli.tables.query import answer

QUESTION = """
SELECT d.month_name AS month, p.department, count(*) AS lines, count(DISTINCT f.order_id) AS orders, sum(f.amount_usd)::DECIMAL(18,2) AS usd
FROM gold.fact_sales f JOIN gold.dim_product p USING (product_sk) JOIN gold.dim_date d USING (date_sk)
GROUP BY ALL ORDER BY usd DESC LIMIT 5
"""


def demo(
    start: Annotated[
        datetime, typer.Option("--from", formats=DAY, help="First day of the sample, in 2017.")
    ] = datetime(2017, 1, 1),
    end: Annotated[
        datetime, typer.Option("--to", formats=DAY, help="Last day, which is also the run's logical date.")
    ] = datetime(2017, 1, 31),
    dirt: Annotated[
        float, typer.Option(min=0, max=1, help="Share of broken and doubled rows of each kind.")
    ] = 0.01,
    keep: Annotated[
        bool, typer.Option(help="Leave the local world up for half an hour, to look around.")
    ] = True,
) -> None:
    """Start the local world, load a month of a real retailer, run the retail pipeline, and ask gold a question."""
    from local_aws.local_platform import World, down
    from sample_data.load import load_sample

    began = time.monotonic()
    typer.echo("starting the local world: S3, Glue, DynamoDB, Snowflake, Redshift, Kafka …")
    found = World.up(environment("local"), detached=True, idle_seconds=1800)
    try:
        typer.echo(f"loading the sources, {start.date()} to {end.date()} …")
        loaded = load_sample(environment("local"), start.date(), end.date(), dirt)
        typer.echo(
            f"{sum(loaded.rows.values()):,} source rows, {sum(d.rows for d in loaded.dirt):,} broken or doubled ones among them"
        )
        outcomes = execute("local", choose("retail", None), end.date(), quiet=False)
        summary(outcomes, as_json=False)
        if any(o.error for o in outcomes):
            raise typer.Exit(1)
        columns, rows = answer(environment("local"), QUESTION)
        print_rows(
            "the five largest departments, from gold",
            columns,
            rows,
            as_json=False,
            right=["lines", "orders", "usd"],
        )
        typer.echo(f"{time.monotonic() - began:.0f} s in all")
    finally:
        if not keep and not found.was_up:
            down()
    if keep:
        typer.echo(
            "the local world stays up for half an hour: `lakehouse query --env local '…'`; `lakehouse local down` ends it"
        )
