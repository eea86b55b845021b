"""A document of rates in a landing zone is a row for each currency."""

from __future__ import annotations

from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from pipelines.retail.transforms.fx_json_to_bronze import fx_rates
from tests.glue_jobs.sources.systems import Landing, rows_of, source_contract, source_of, whole

RATES = {
    "rate_date": {"type": "string", "format": "date"},
    "currency": {"type": "string"},
    "rate": {"type": "number", "x-lake": {"type": "decimal(18,8)"}},
    "published_at": {"type": "string", "format": "date-time"},
}


def test_a_document_of_rates_is_a_row_per_currency_and_a_broken_one_a_corrupt_row(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    good = (
        '{"base":"EUR","date":"2017-01-02","published_at":"2017-01-02T15:00:00Z",'
        '"rates":{"USD":1.0465,"JPY":122.92,"XXX":"n/a"}}'
    )
    for name, body in {
        "good": good,
        "half": good[:60],
        "none": '{"date":"2017-01-03","rates":{}}',
        "two": good + good,
        "list": f"[{good}]",
    }.items():
        landing.put(f"dt=2017-01-02/{name}.json", body)
    landing.put("dt=2017-01-02/bytes.json", good.encode().replace(b"USD", b"\xff\xff\xff"))
    documents = source_contract("landing", landing.prefix, "json_document", RATES)
    rows = fx_rates(whole(source_of(spark, local_env, documents)).rows).cache()
    assert rows_of(rows.where("_corrupt is null"), "rate_date", "currency", "rate", "published_at") == [
        ("2017-01-02", "JPY", "122.92", "2017-01-02T15:00:00Z"),
        ("2017-01-02", "USD", "1.0465", "2017-01-02T15:00:00Z"),
        ("2017-01-02", "XXX", "n/a", "2017-01-02T15:00:00Z"),
    ]
    broken = rows_of(rows.where("_corrupt is not null"), "_source_position")
    assert [position.rsplit("/", 1)[1] for (position,) in broken] == [
        "bytes.json:1",
        "half.json:1",
        "list.json:1",
        "none.json:1",
        "two.json:1",
    ]
