"""A key in another Unicode normal form is the contract's column: both look the same."""

from __future__ import annotations

import json
from unicodedata import normalize

import pytest
from pyspark.sql import SparkSession

from glue_jobs.sources.columns import match_columns
from glue_jobs.sources.csv_header import header_fault
from glue_jobs.streaming.envelopes import has_respelled_key
from lakehouse.contracts import Contract
from tests.glue_jobs.builders import contract
from tests.glue_jobs.contract.value_paths import Way, json_append, json_file, json_stream

SOURCE = "Größe"
NFD = normalize("NFD", SOURCE)


def sizes() -> Contract:
    size = {"type": ["string", "null"], "x-lake": {"source": SOURCE}}
    properties = {"id": {"type": "integer"}, "size": size}
    return contract("bronze.sizes", properties, write="append", primary_key=["id"], sequence=None)


@pytest.mark.parametrize("way", [json_file, json_stream, json_append])
def test_key_of_json_in_another_normal_form_is_the_column(spark: SparkSession, way: Way) -> None:
    keys = [SOURCE, NFD, SOURCE.upper(), NFD.lower(), "grosse"]
    lines = [json.dumps({"id": n, key: key}, ensure_ascii=False) for n, key in enumerate(keys)]
    lines.append(json.dumps({"id": 5, SOURCE: "a", NFD: "b"}, ensure_ascii=False))
    rows = {row.n: (row.size, row.why) for row in way(spark, sizes(), lines).collect()}
    assert rows[0] == (SOURCE, None)
    assert rows[4] == (None, None)
    assert rows[5][1]
    for n in (1, 2, 3):
        # The quick way of messages leaves such a message to the other one.
        assert rows[n] == (keys[n], None) or (way is json_append and rows[n][1])


def test_header_of_csv_in_another_normal_form_is_the_column_and_both_are_a_fault() -> None:
    assert match_columns(sizes(), ["id", NFD], "the file").source_names == {"id": "id", "size": NFD}
    assert header_fault(["id", SOURCE, NFD], sizes()) == (
        f"has column '{NFD}' twice in its header, as columns 2 and 3"
    )


def test_change_with_a_key_in_another_normal_form_is_read_by_its_entries(spark: SparkSession) -> None:
    texts = [(n, json.dumps({"after": {key: 1}}, ensure_ascii=False)) for n, key in enumerate((SOURCE, NFD))]
    rows = spark.createDataFrame(texts, "n int, text string")
    judged = rows.select("n", has_respelled_key(rows["text"], sizes().columns).alias("respelled"))
    assert sorted((row.n, row.respelled) for row in judged.collect()) == [(0, False), (1, True)]
