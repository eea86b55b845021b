"""Words for true and false become booleans where the source states them, and no text is guessed."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from pyspark.sql import SparkSession

from cli.onboard.boolean_words import boolean_doubts
from cli.onboard.files import read_files
from cli.onboard.origins import landing as origin_of
from lakehouse.contracts.file_forms import CsvForm
from lakehouse.environments import Environment
from tests.cli.onboard.stored import stored_rows, written_contract
from tests.glue_jobs.sources.systems import Landing

TEXT = """id,plain,upper,title,word,letter,bit,one,other
1,true,TRUE,True,yes,N,0,Y,yes
2,false,FALSE,,no,Y,1,Y,no
3,true,NA,False,yes,N,0,Y,maybe
"""
EXPECTED = {"plain": bool, "upper": bool, "title": bool, "word": bool, "letter": bool, "bit": int}


@pytest.mark.parametrize(
    ("texts", "doubts"),
    [
        ({"TRUE"}, 0),
        ({"True", "False"}, 0),
        ({"yes", "no"}, 1),
        ({"N", "Y"}, 1),
        ({"N"}, None),
        ({"0", "1"}, None),
        ({"TRUE", "false"}, None),
        ({"yes", "no", "maybe"}, None),
        (set[str](), None),
    ],
)
def test_pairs_of_words_are_booleans(texts: set[str], doubts: int | None) -> None:
    found = boolean_doubts(texts)
    assert (None if found is None else len(found)) == doubts


def test_columns_of_words_are_stored_as_polars_reads_their_texts(
    spark: SparkSession, local_env: Environment, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(TEXT)
    landing = Landing(local_env)
    landing.put("dt=2017-01-01/a.csv", TEXT)
    # A word of another source's pair is no value here: the row goes to quarantine.
    landing.put("dt=2017-01-01/b.csv", TEXT.replace("3,true", "4,on"))
    contract = written_contract(read_files([file], 100), origin_of(landing.prefix), tmp_path)
    form = contract.source.csv_form
    assert form.true_values == ["TRUE", "True", "yes", "Y"]
    assert form.false_values == ["FALSE", "False", "no", "N"]
    kinds = {column.name: column.type for column in contract.columns}
    assert [kinds[name] for name in EXPECTED] == ["boolean"] * 5 + ["bigint"]
    assert (kinds["one"], kinds["other"]) == ("string", "string")
    judged = pl.read_csv(io.StringIO(TEXT), infer_schema=False, null_values=["", "NA"]).rows(named=True)
    stored = {row[0]: row for row in stored_rows(spark, local_env, contract)}
    assert set(stored) == {1, 2, 3}
    for row in judged:
        for position, name in enumerate(contract.column_names):
            text, value = row[name], stored[int(row["id"])][position]
            if EXPECTED.get(name) is bool:
                assert value is (None if text is None else text.lower() in ("true", "yes", "y"))
            else:
                assert (None if value is None else str(value)) == text


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"true_values": ["x"], "false_values": ["x"]}, "'x' is in `true_values` and in `false_values`"),
        ({"true_values": ["-"], "nulls": ["-"]}, "'-' is in `true_values` and in `nulls`"),
        ({"false_values": ["true"]}, "'true' is in `true_values` and in `false_values`"),
    ],
)
def test_a_word_has_one_meaning(facts: dict[str, list[str]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CsvForm.model_validate(facts)
