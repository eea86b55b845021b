"""A short contract that leaves to its query or function what that says, and its file of derived columns."""

from __future__ import annotations

import tempfile
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.contracts.derive import Derivation, derivation_of, lines_of
from glue_jobs.analysis.derive import DeriveError
from lakehouse.contracts.files import read_table_files
from lakehouse.contracts.short.column_line import parse_line, write_line
from lakehouse.contracts.short.column_types import DERIVED
from lakehouse.contracts.short.derived import ENDING, Derived
from lakehouse.contracts.short.shorten import short_document, short_yaml
from lakehouse.pipelines.column_origins import UnsureError
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.reading.faults import Collector

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class DerivedForm:
    """The texts of `<table>.yml` and of `<table>.columns.json`."""

    contract: str
    columns: str


def derived_form(
    spark: SparkSession, root: Path, table: str, contract: dict[str, Any], suite: dict[str, Any]
) -> DerivedForm:
    """Both files, which expand to the same contract and suite; only origins of columns may be added.

    Raises DeriveError: the columns cannot be derived (RUN680), or the contract has others (RUN681).
    """
    jobs = [job for p in read_pipelines(Collector(root)).values() for job in p.jobs if table in job.writes]
    if not jobs or contract["x-lake"].get("source") or table.startswith("bronze."):
        raise DeriveError(f"{table}: no query and no function makes it; its columns are stated")
    derivation = derivation_of(spark, root, table, jobs[0])
    in_order = _same_order(table, list(derivation.given), list(contract["properties"]))
    document = short_document(table, contract, suite)
    stated = {name: _words(value) for name, value in document.pop("columns").items()}
    key = contract["x-lake"]["primary_key"]
    required = (*key, document.get("sequence"))
    left = {name: _left(name, of, derivation, required=name in required) for name, of in stated.items()}
    # Columns that are not stated come in the query's order, so in another order each is stated.
    lines = {
        name: write_line(words) or words
        for name, words in left.items()
        if not (in_order and _says_nothing(words, name, derivation))
    }
    rules = {name: document.pop(name) for name in ("suite",) if name in document}
    document |= ({"derive": True} if in_order else {}) | {"key": key}
    document |= ({"columns": lines} if lines else {}) | rules
    derived = Derived(derivation.digest, lines_of(derivation, lines))
    form = DerivedForm(short_yaml(document), derived.text())
    _require_same_contract(table, form, contract)
    return form


def _same_order(table: str, given: list[str], stated: list[str]) -> bool:
    """Whether the contract has the columns of the query in its order, and then any others.

    Raises DeriveError (RUN681) where it lacks one of them.
    """
    if lacking := [name for name in given if name not in stated]:
        message = f"its query or function gives {', '.join(lacking)}, which the contract lacks"
        raise DeriveError(f"{table}: {message}", code="RUN681")
    return stated[: len(given)] == given


def _words(column: str | dict[str, Any]) -> dict[str, Any]:
    words = parse_line(column) if isinstance(column, str) else dict(column)
    words.pop("key", None)
    return words


def _says_nothing(left: dict[str, Any], name: str, of: Derivation) -> bool:
    """Whether the words that are left say nothing beside the query."""
    return left == {"type": DERIVED, "description": of.description(name)}


def _left(name: str, words: dict[str, Any], of: Derivation, *, required: bool) -> dict[str, Any]:
    """The words of a column that the query does not say. `required`: it is never null."""
    if name not in of.given:
        return words
    try:
        tags = of.tags(name)
    except UnsureError:
        tags = {}
    derived = {**of.words(name), **tags}
    if required:
        derived["type"] = derived["type"].removesuffix("?")
    left = dict(words)
    if left["type"] == derived["type"]:
        left["type"] = DERIVED
    if left.get("from") == derived.get("from"):
        left.pop("from", None)
    if tags and all(left.get(word) == tags.get(word) for word in ("tags", "mask")):
        left.pop("tags", None)
        left.pop("mask", None)
    return left


def _require_same_contract(table: str, form: DerivedForm, contract: dict[str, Any]) -> None:
    """Raises DeriveError (RUN681) unless the files expand to the contract."""
    layer, name = table.split(".")
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "schemas" / layer
        folder.mkdir(parents=True)
        (folder / f"{name}.yml").write_text(form.contract, encoding="utf-8")
        (folder / f"{name}{ENDING}").write_text(form.columns, encoding="utf-8")
        faults = Collector(Path(root))
        expanded = read_table_files(folder / f"{name}.yml", faults).contract
        faults.raise_if_any()
    if expanded is None or _without_new_origins(expanded.value, contract) != _with_defaults(contract):
        raise DeriveError(
            f"{table}: derived, its contract would be another one; state its columns", code="RUN681"
        )


def _without_new_origins(expanded: dict[str, Any], contract: dict[str, Any]) -> dict[str, Any]:
    plain = _with_defaults(expanded)
    for name, column in plain["properties"].items():
        if "derived_from" not in contract["properties"][name].get("x-lake", {}):
            column["x-lake"].pop("derived_from", None)
    return plain


def _with_defaults(contract: dict[str, Any]) -> dict[str, Any]:
    """The contract with keys that say nothing left out, so that two of them compare."""
    plain = deepcopy(contract)
    plain["x-lake"] = {k: v for k, v in plain["x-lake"].items() if v not in ([], {}, None)}
    if plain["x-lake"].get("store") == "delta":
        plain["x-lake"].pop("store")
    plain["additionalProperties"] = plain.get("additionalProperties", True)
    for column in plain["properties"].values():
        column["x-lake"] = {k: v for k, v in column.get("x-lake", {}).items() if v not in ([], {}, None)}
    return plain
