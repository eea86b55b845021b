"""Copy templates of Azure Data Factory: what they say becomes a source, and what cannot be run here is
refused.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lakehouse.contracts.contract import contract_of
from lakehouse.contracts.document import Document
from lakehouse.pipelines.copy_template import CopyTemplate
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.pipelines.source_binding import check_origins, sourced
from lakehouse.reading.faults import Collector, Fault
from tests.lakehouse.pipelines.loans import Tree, template

FILE = "src/ingestion/adf_templates/loan_app_ingest.json"


def contract(table: str, columns: list[str], **lake: Any) -> Any:
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": table,
        "title": "T",
        "description": "D",
        "type": "object",
        "x-lake": {"version": 1, "owner": "o", "write": "append", "primary_key": [columns[0]], **lake},
        "properties": {c: {"type": "string", "description": "C"} for c in columns},
        "required": columns,
    }
    return contract_of(table, Document.model_validate(document, by_alias=True, by_name=False))


def with_template(tree: Tree, document: Any) -> Tree:
    (tree.root / FILE).write_text(document if isinstance(document, str) else json.dumps(document, indent=1))
    return tree


def copy_of(tree: Tree) -> CopyTemplate | None:
    pipelines, faults = tree.read()
    assert faults == []
    return pipelines["loans"].job("ingest_loan_applications").procs[0].copy


@pytest.mark.parametrize(
    ("source", "kind", "form"),
    [("JsonSource", "landing", "json_lines"), ("DelimitedTextSource", "landing", "csv")],
)
def test_a_template_of_files_reads_a_landing_folder(
    tmp_path: Path, source: str, kind: str, form: str
) -> None:
    store = {
        "type": "AzureBlobFSReadSettings",
        "recursive": True,
        "wildcardFolderPath": "crm/loan_applications/*",
    }
    copy = copy_of(
        with_template(Tree(tmp_path), template("bronze_loan_app_ingest", type=source, storeSettings=store))
    )
    assert copy is not None
    assert copy.name == "copy"
    assert replace(copy, name="") == CopyTemplate(
        kind, "crm/loan_applications", form, "crm", "bronze.loan_app_ingest", (("Id", "id"),)
    )  # type: ignore[arg-type]


def test_a_template_of_a_database_reads_the_table_of_its_input(tmp_path: Path) -> None:
    document = template("bronze_loan_app_ingest", type="PostgreSqlV2Source")
    document["properties"]["activities"][0]["inputs"][0]["parameters"] = {"table": "core.loans"}
    copy = copy_of(with_template(Tree(tmp_path), document))
    assert copy
    assert (copy.kind, copy.object, copy.format) == ("redshift", "core.loans", "rows")


def test_the_jobs_contract_has_the_source_and_the_names_of_its_template(tmp_path: Path) -> None:
    pipelines, _ = Tree(tmp_path).read()
    job = pipelines["loans"].job("ingest_loan_applications")
    contract_of_table = contract("bronze.loan_app_ingest", ["id", "amount"])
    completed = sourced(job, contract_of_table)
    assert completed.lake.source
    assert (completed.lake.source.kind, completed.lake.source.object, completed.lake.source.system) == (
        "landing",
        "crm/x",
        "crm",
    )
    assert [c.source_name for c in completed.columns] == ["Id", "amount"]
    assert sourced(pipelines["loans"].job("ingest_loan_book"), contract_of_table) == contract_of_table


def change(path: str, value: Any) -> Any:
    document = template("bronze_loan_app_ingest")
    *way, last = path.split("/")
    node: Any = document
    for key in way:
        node = node[int(key)] if isinstance(node, list) else node[key]
    if value is None:
        del node[int(last) if isinstance(node, list) else last]
    else:
        node[int(last) if isinstance(node, list) else last] = value
    return document


COPY = "properties/activities/0"
CASES: dict[str, tuple[Any, str, str]] = {
    "another activity": (change(f"{COPY}/type", "Lookup"), "LK103", "'Lookup'"),
    "no activity": (change("properties/activities", []), "LK103", "activities = []"),
    "two activities": (
        change("properties/activities", template("bronze_x")["properties"]["activities"] * 2),
        "LK103",
        "activities",
    ),
    "an unknown source": (
        change(f"{COPY}/typeProperties/source/type", "SapTableSource"),
        "LK321",
        "'SapTableSource'",
    ),
    "no folder": (
        change(f"{COPY}/typeProperties/source/storeSettings", {"type": "x"}),
        "LK321",
        "what is copied",
    ),
    "no mapping": (change(f"{COPY}/typeProperties/translator", None), "LK102", "translator"),
    "an empty mapping": (change(f"{COPY}/typeProperties/translator/mappings", []), "LK103", "mappings"),
    "a mapping without name": (
        change(f"{COPY}/typeProperties/translator/mappings/0/source", {"ordinal": 1}),
        "LK321",
        "without a name",
    ),
    "a sink of no layer": (change(f"{COPY}/outputs/0/referenceName", "loans"), "LK321", "'loans'"),
    "no JSON": ("{", "LK002", "is not JSON"),
    "nested 100,000 deep": ("[" * 100_000, "LK004", "nested"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_template_that_cannot_be_run_here_is_refused_with_its_line(tmp_path: Path, case: str) -> None:
    document, code, message = CASES[case]
    reported: list[Fault] = with_template(Tree(tmp_path), document).faults()
    hit = [f for f in reported if f.code == code and message in f.what]
    assert hit, [str(f) for f in reported]
    assert (hit[0].file, bool(hit[0].wanted)) == (FILE, True)
    assert hit[0].line >= 1


def origins(tmp_path: Path, *contracts: Any) -> list[tuple[str, str]]:
    tree = Tree(tmp_path)
    tree.read()
    faults = Collector(tmp_path)
    jobs = [j for p in read_pipelines(faults).values() for j in p.jobs]
    check_origins(jobs, {c.table: c for c in contracts}, faults)
    return [(f.code, f.what) for f in faults.faults]


def test_a_bronze_table_that_nothing_fills_is_a_fault(tmp_path: Path) -> None:
    assert origins(tmp_path, contract("bronze.x", ["id"])) == [
        ("LK205", "bronze.x names no source, and no job copies into it")
    ]
    assert origins(tmp_path, contract("bronze.loan_app_ingest", ["id"])) == []


def test_a_template_that_does_not_fit_its_table_is_a_fault(tmp_path: Path) -> None:
    source = {"kind": "landing", "object": "x", "format": "csv", "system": "s"}
    notes = origins(tmp_path, contract("bronze.loan_app_ingest", ["key", "amount"], source=source))
    assert [message for _, message in notes] == [
        "bronze.loan_app_ingest has a source already, in its contract",
        "maps to 'id', which is no column of bronze.loan_app_ingest",
        "maps nothing to key, amount of bronze.loan_app_ingest",
    ]


def test_a_topic_that_is_stated_twice_must_be_the_same(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.param.append(["P006", "writes", "bronze.loan_events", "tables", "No"])
    tree.read()
    faults = Collector(tmp_path)
    jobs = [j for p in read_pipelines(faults).values() for j in p.jobs]
    source = {"kind": "kafka", "object": "loans", "format": "json_lines", "system": "s"}
    check_origins(jobs, {"bronze.loan_events": contract("bronze.loan_events", ["id"], source=source)}, faults)
    assert [(f.code, f.line) for f in faults.faults] == [("LK321", 7)]
