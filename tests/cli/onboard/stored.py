"""What the ingest stores of a source by the contract that onboard writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from cli.onboard.contract_text import contract_text
from cli.onboard.sample import Origin, Sample
from glue_jobs.contract.align import align_to_schema
from glue_jobs.contract.validate import validate_and_quarantine
from glue_jobs.tables.row_counts import observe
from lakehouse.contracts import SourcedContract, load_schemas
from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import source_of, whole


def written_contract(sample: Sample, origin: Origin, folder: Path) -> SourcedContract:
    """The contract that onboard writes, as a project of its own reads it."""
    text = contract_text(sample, "bronze.public", "data_team", origin).text
    for layer in ("bronze", "silver", "gold"):
        (folder / "schemas" / layer).mkdir(parents=True)
    (folder / "schemas/bronze/public.yml").write_text(text, encoding="utf-8")
    contract = SourcedContract.of(load_schemas(folder).contracts["bronze.public"])
    assert contract is not None
    return contract


def stored_rows(spark: SparkSession, env: Environment, contract: SourcedContract) -> list[tuple[Any, ...]]:
    """The rows of the source that keep the contract."""
    extract = whole(source_of(spark, env, contract))
    assert extract.rejected == ()
    validated = validate_and_quarantine(align_to_schema(extract.rows, contract, text=extract.text), contract)
    # As the ingest does: an optimizer that moved the filter would take minutes over many columns.
    sound = observe(validated, F.lit(False)).accepted.select(*contract.column_names)
    return [tuple(row) for row in sound.collect()]
