"""Texts that Spark takes for the time of the run are found wherever its analyser casts them."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from glue_jobs.analysis.empty_tables import empty_rows
from glue_jobs.tables.query_clock import clock_reads
from tests.lakehouse.pipelines.sql_texts import COLUMNS

TEXTS = {
    "SELECT id FROM {t} WHERE day = 'yesterday'": ["yesterday"],
    "SELECT id FROM {t} WHERE id IN (SELECT id FROM {t} WHERE ts > ' Now ')": [" Now "],
    "SELECT CAST('today' AS DATE) AS d, 'now' AS x FROM {t}": ["today"],
    "SELECT id, 'today' AS label FROM {t} WHERE name = 'now'": [],
    "SELECT DATE '2017-01-31' AS d FROM {t} WHERE day = '2017-01-31'": [],
}


@pytest.mark.parametrize("query", TEXTS)
def test_a_text_of_the_clock_is_found_by_its_cast(spark: SparkSession, query: str) -> None:
    rows = spark.sql(query, t=empty_rows(spark, COLUMNS))
    assert sorted(read.text for read in clock_reads(rows)) == sorted(TEXTS[query])
