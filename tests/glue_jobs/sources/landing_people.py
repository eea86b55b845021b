"""People in a landing zone, one a line."""

from __future__ import annotations

import json
from typing import Any

from pyspark.sql import SparkSession

from glue_jobs.sources.source import Extract, Source
from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import Landing, rows_of, source_contract, source_of


def people(
    spark: SparkSession, env: Environment, landing: Landing, form: str = "json_lines", **facts: Any
) -> Source:
    return source_of(spark, env, source_contract("landing", landing.prefix, form, **facts))


def line(**changes: Any) -> str:
    row = {
        "id": 1,
        "name": "Ann",
        "amount": 2.5,
        "note": None,
        "updated_at": "2017-01-01T00:00:00Z",
        **changes,
    }
    return json.dumps(row, ensure_ascii=False)


def corrupt(extract: Extract) -> list[str]:
    return [text for (text,) in rows_of(extract.rows.where("_corrupt is not null"), "_corrupt")]
