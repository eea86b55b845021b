"""Reads every contract and suite of a project, with all their faults at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lakehouse.contracts.consistency import check_document, names_columns
from lakehouse.contracts.consistency_suite import check_suite
from lakehouse.contracts.contract import Contract, contract_of
from lakehouse.contracts.document import Document
from lakehouse.contracts.files import (
    CONTRACT,
    SHORT,
    SUITE,
    TableFiles,
    is_short,
    read_table_files,
    stated_tables,
    suite_file,
    table_of,
)
from lakehouse.contracts.links import check_links
from lakehouse.contracts.masking import check_masks
from lakehouse.contracts.short.derived import ENDING
from lakehouse.contracts.suite import Suite
from lakehouse.environments.names import LAYERS
from lakehouse.project import MARKER, project_root
from lakehouse.reading.check import check_readable
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located, read_yaml
from lakehouse.reading.tree_state import State, state_of


@dataclass(frozen=True)
class Schemas:
    """Contracts and suites of all tables, by `<layer>.<name>`."""

    contracts: dict[str, Contract]
    suites: dict[str, Suite]

    @property
    def on_lake(self) -> dict[str, Contract]:
        """Contracts without those of the Lakebase, whose tables are in no catalog of the lake."""
        return {t: c for t, c in self.contracts.items() if c.lake.store == "delta"}


def load_schemas(root: Path | None = None) -> Schemas:
    """Contracts and suites. Raises FaultsError with every fault below schemas/.

    Files that have not changed since are not read a second time by a process.
    """
    folder = root or project_root()
    return _schemas_of(folder, state_of(folder, ("schemas", MARKER)))


@lru_cache(maxsize=8)
def _schemas_of(root: Path, state: State) -> Schemas:
    faults = Collector(root)
    schemas = read_schemas(faults)
    faults.raise_if_any()
    return schemas


def read_schemas(faults: Collector) -> Schemas:
    """Contracts and suites without faults; the faults of the others are noted in `faults`."""
    folder = faults.root / "schemas"
    _check_names(folder, faults)
    declared = stated_tables(faults.root)
    files = {table: read_table_files(file, faults) for table, file in declared.items()}
    located = {table: read.contract for table, read in files.items() if read.contract}
    # A contract with a fault is held against the others all the same, as far as it can be read.
    documents = {
        table: document for table, at in located.items() if (document := _document(table, at, faults))
    }
    for table, document in documents.items():
        check_links(table, document, located[table], documents, list(declared), faults)
        check_masks(table, document, located[table], documents, faults)
    contracts = {table: contract_of(table, document) for table, document in documents.items()}
    return Schemas(contracts, _suites(folder, files, contracts, faults))


def _suites(
    folder: Path, files: dict[str, TableFiles], contracts: dict[str, Contract], faults: Collector
) -> dict[str, Suite]:
    """The suites without faults: those of contracts, and those that lie beside none."""
    located = {table: read.suite for table, read in files.items()}
    for layer in LAYERS:
        for file in sorted((folder / layer).glob(f"*{SUITE}")):
            if table_of(file) not in located:
                located[table_of(file)] = read_yaml(file, faults)
    suites: dict[str, Suite] = {}
    for table, suite in located.items():
        if suite is not None:
            _suite(table, suite, contracts, list(files), suites, faults)
    return suites


def _document(table: str, located: Located, faults: Collector) -> Document | None:
    """The document; None when its columns or the names of its columns cannot be told."""
    document, _ = check_readable(Document, located, faults)
    if document is None:
        return None
    before = len(faults.faults)
    check_document(table, document, located, faults)
    # A column of two types that differ is of none: what its rules and suite say cannot be judged.
    typed = all(fault.code != "LK202" for fault in faults.faults[before:])
    return document if typed and names_columns(document) else None


def _suite(
    table: str,
    located: Located,
    contracts: dict[str, Contract],
    declared: list[str],
    suites: dict[str, Suite],
    faults: Collector,
) -> None:
    suite, valid = check_readable(Suite, located, faults)
    if suite and check_suite(table, suite, located, contracts, declared, faults) and valid:
        suites[suite.table] = suite


def _check_names(folder: Path, faults: Collector) -> None:
    """Reports files and folders that no reader opens: their facts would be lost without a word."""
    if not folder.is_dir():
        faults.add("LK001", "is no folder", file=folder, wanted="a folder with bronze, silver and gold")
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in LAYERS and not path.name.startswith(("__", ".")):
            faults.add(
                "LK212",
                f"unknown layer '{path.name}'",
                file=path,
                wanted=", ".join(LAYERS),
                value=path.name,
                among=LAYERS,
            )
    for layer in LAYERS:
        for file in sorted((folder / layer).glob("*")):
            if not file.name.startswith("."):
                _check_name(file, faults)


def _check_name(file: Path, faults: Collector) -> None:
    """Reports a file that nobody reads, a contract without a suite, and a table that two files state."""
    if file.name.endswith(ENDING) and (file.parent / f"{file.name.removesuffix(ENDING)}{SHORT}").exists():
        return
    if not file.name.endswith((CONTRACT, SUITE, SHORT)):
        _, _, ending = file.name.partition(".")
        faults.add(
            "LK212",
            f"nobody reads a file that ends in '.{ending}'",
            file=file,
            wanted=f"<table>{CONTRACT} and <table>{SUITE}, or <table>{SHORT}",
            value=ending,
            among=[e[1:] for e in (CONTRACT, SUITE, SHORT)],
        )
    elif file.name.endswith(CONTRACT) and not suite_file(file).exists():
        faults.add(
            "LK211", "the table has no quality suite", file=file, wanted=f"{suite_file(file).name} beside it"
        )
    elif is_short(file) and (file.parent / f"{file.name.removesuffix(SHORT)}{CONTRACT}").exists():
        name = f"{file.name.removesuffix(SHORT)}{CONTRACT}"
        faults.add(
            "LK218", "the table has two contracts", file=file, wanted=f"this file or {name}", value=file.name
        )
