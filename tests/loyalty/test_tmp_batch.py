from __future__ import annotations
from datetime import UTC, date, datetime
import polars as pl
from deltalake import write_deltalake
from cli.query import storage_options
from environments import names
from glue_jobs.runner import run_job
from local_aws.sample.traffic import messages
from local_aws.sample.traffic_events import traffic_events
from pipelines import load_pipelines
from schemas import load_schemas
from tests.loyalty import oracle, shapes
from tests.loyalty.town import Town
import pytest, time

def bronze(town, start, end):
    ev = traffic_events(start, end, 2017)
    dup = pl.concat([ev, ev[:20], ev[:30].with_columns(event_id=pl.col("event_id").str.replace("T-","T-9"))])
    rows = dup.with_row_index("offset").select(
        pl.exclude("event_ts", "sent_at", "amount","offset"),
        pl.col("event_ts").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC"),
        pl.col("amount").round(2).cast(pl.Decimal(18, 2)),
        pl.lit("traffic_events").alias("topic"), pl.lit(0, dtype=pl.Int32).alias("partition"), pl.col("offset").cast(pl.Int64),
        pl.from_epoch("sent_at", time_unit="ms").cast(pl.Datetime("us", "UTC")).alias("timestamp"),
        pl.lit(datetime.now(UTC)).cast(pl.Datetime("us","UTC")).alias("_ingest_ts"), pl.lit("x").alias("_batch_id"), pl.lit("kafka").alias("_source_system"), pl.lit(end).alias("_run_date"))
    write_deltalake(names.table_uri(town.env, "bronze.kafka_data_bronze"), rows.to_arrow(), mode="append", storage_options=storage_options(town.env), configuration={"delta.enableChangeDataFeed":"true"})

def run(town):
    out={}
    for job in load_pipelines()["kafka_traffic_pipeline"].jobs:
        t=time.time(); out |= run_job(town.env, job, load_schemas(), town.spark, date(2017,1,3)).tables; print(job.name, round(time.time()-t,1))
    for k,v in out.items(): print(k,v)
    return out

def test_it(local_world, spark):
    town = Town(local_world, spark)
    bronze(town, date(2017,1,2), date(2017,1,3)); run(town)
    bronze(town, date(2017,1,1), date(2017,1,1)); run(town)
    out = run(town)
    assert all(c.rows_in == 0 for c in out.values())
    w = oracle.tables(traffic_events(date(2017,1,1), date(2017,1,3), 2017))
    own = pl.col("event_id").str.replace("T-9", "T-", literal=True)
    shapes.same(town.table("silver.traffic_data_cleaned").with_columns(own), shapes.cleaned(w))
    shapes.same(town.table("silver.customer_engagement_summary"), shapes.summary(w))
    shapes.same(town.table("gold.traffic_data_enriched").with_columns(own), shapes.enriched(w))
    shapes.same(town.table("gold.customer_locations"), shapes.locations(w))
