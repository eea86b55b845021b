"""The SQL files of score, composite key and segments, and what gold makes of them.

The tests compare two months of events, line by line, with another engine.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.sql_query import Query, statements_of
from lakehouse.contracts import load_schemas
from lakehouse.pipelines import load_pipelines
from sample_data.traffic import TOPIC
from sample_data.traffic_events import traffic_events
from tests.loyalty import oracle, shapes

PIPELINE = "kafka_traffic_pipeline"
RUN_DATE = date(2017, 3, 1)
PARAMS = {"minimum_score": 70, "new_days": 7, "window_days": 30}
SEGMENTS = {"new", "lapsed", "champion", "loyal", "browser", "occasional"}
Make = Callable[..., DataFrame]


@pytest.fixture(scope="module")
def events() -> pl.DataFrame:
    """Two months of one customer in five."""
    return traffic_events(date(2017, 1, 1), date(2017, 2, 28), 2017).filter(pl.col("customer_id") % 5 == 0)


@pytest.fixture(scope="module")
def wanted(events: pl.DataFrame) -> oracle.Tables:
    return oracle.tables(events)


@pytest.fixture(scope="module")
def make(spark: SparkSession) -> Make:
    """The table that a SQL file says, of given inputs, in the types of its contract."""
    jobs = load_pipelines()[PIPELINE].jobs
    found = {s.table: s for job in jobs for s in statements_of(job)}
    contracts = load_schemas().contracts

    def made(table: str, **inputs: DataFrame) -> DataFrame:
        rows = Query(found[table])(spark=spark, run_date=RUN_DATE, params=PARAMS, **inputs)
        return rows.select(*[F.col(c.name).cast(c.type).alias(c.name) for c in contracts[table].columns])

    return made


@pytest.fixture(scope="module")
def tables(
    spark: SparkSession, make: Make, events: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, pl.DataFrame]:
    """Silver and gold as Spark makes them of the messages, each sent once."""
    folder = tmp_path_factory.mktemp("tables")
    messages = events.with_row_index("offset").select(
        pl.exclude("event_ts", "sent_at", "amount"),
        pl.col("event_ts").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC"),
        pl.col("amount").round(2).cast(pl.Decimal(18, 2)),
        timestamp=pl.from_epoch("sent_at", time_unit="ms").cast(pl.Datetime("us", "UTC")),
        topic=pl.lit(TOPIC),
    )
    messages.write_parquet(folder / "messages")

    def kept(name: str, rows: DataFrame) -> DataFrame:
        rows.write.parquet(f"file://{folder / name}")
        return spark.read.parquet(f"file://{folder / name}")

    bronze = spark.read.parquet(f"file://{folder / 'messages'}")
    cleaned = kept("cleaned", make("silver.traffic_data_cleaned", bronze_kafka_data_bronze=bronze))
    summary = kept("summary", make("silver.customer_engagement_summary", bronze_kafka_data_bronze=bronze))
    kept("enriched", make("gold.traffic_data_enriched", silver_traffic_data_cleaned=cleaned))
    kept(
        "locations",
        make(
            "gold.customer_locations",
            silver_traffic_data_cleaned=cleaned,
            silver_customer_engagement_summary=summary,
        ),
    )
    return {name: _read(folder / name) for name in ("cleaned", "summary", "enriched", "locations")}


def _read(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "*.parquet")


def test_cleaned_events_have_the_composite_key_and_score_that_the_rules_say(
    tables: dict[str, pl.DataFrame], wanted: oracle.Tables
) -> None:
    assert shapes.differences(tables["cleaned"], shapes.cleaned(wanted)) == {}


def test_summary_has_the_metrics_and_the_segment_that_the_rules_say(
    tables: dict[str, pl.DataFrame], wanted: oracle.Tables
) -> None:
    assert shapes.differences(tables["summary"], shapes.summary(wanted)) == {}
    assert set(tables["summary"]["segment"]) == SEGMENTS, "two months have customers of each"


def test_enriched_events_are_those_that_can_be_relied_on(
    tables: dict[str, pl.DataFrame], wanted: oracle.Tables
) -> None:
    assert shapes.differences(tables["enriched"], shapes.enriched(wanted)) == {}
    left_out = tables["cleaned"].height - tables["enriched"].height
    assert left_out == tables["cleaned"].filter(pl.col("quality_score") < 70).height > 0


def test_every_customer_has_one_main_place(tables: dict[str, pl.DataFrame], wanted: oracle.Tables) -> None:
    assert shapes.differences(tables["locations"], shapes.locations(wanted)) == {}
    assert tables["locations"].filter("is_main").height == tables["summary"].height


def test_event_under_another_id_has_the_same_composite_key_and_another_second_has_not(
    spark: SparkSession, make: Make
) -> None:
    columns = (
        "event_id string, customer_id bigint, session_id string, product_id bigint, store_id bigint, "
        "event_type string, page_url string, referrer string, device string, country string, city string, "
        "latitude double, longitude double, event_ts string, duration_ms bigint, "
        "amount decimal(18,2), timestamp string"
    )

    def row(event: str, second: str, session: str = "S-1") -> tuple[object, ...]:
        at = f"2017-01-01 10:00:{second}"
        return (
            event,
            1,
            session,
            2,
            3,
            "search",
            "https://x.example?q=a",
            " ",
            "",
            "US",
            "Denver",
            None,
            None,
            at,
            5,
            None,
            at,
        )

    rows = spark.createDataFrame(
        [row("a", "00"), row("b", "00"), row("c", "00.000001"), row("d", "00", 'S-1","x":"')], columns
    )
    rows = rows.withColumns({c: F.col(c).cast("timestamp") for c in ("event_ts", "timestamp")})
    found = {
        r.event_id: r for r in make("silver.traffic_data_cleaned", bronze_kafka_data_bronze=rows).collect()
    }
    keys = {name: r.composite_key for name, r in found.items()}
    assert keys["a"] == keys["b"]
    assert len({keys["a"], keys["c"], keys["d"]}) == 3
    assert {
        (r.page_path, r.device, r.referrer, r.quality_score, r.quality_issues) for r in found.values()
    } == {("/", None, None, 65, "device,place")}
