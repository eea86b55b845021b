"""Reads every contract and suite of a project, with all their faults at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lakehouse.contracts.consistency import check_document, names_columns
from lakehouse.contracts.consistency_suite import check_suite
from lakehouse.contracts.contract import Contract, contract_of
from lakehouse.contracts.document import Document
from lakehouse.contracts.links import check_links
from lakehouse.contracts.masking import check_masks
from lakehouse.contracts.suite import Suite
from lakehouse.environments.names import LAYERS
from lakehouse.project import project_root
from lakehouse.reading.check import check_readable
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located, read_json, read_yaml

CONTRACT, SUITE = ".schema.json", ".dq.yml"


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
    """Contracts and suites. Raises FaultsError with every fault below schemas/."""
    faults = Collector(root or project_root())
    schemas = read_schemas(faults)
    faults.raise_if_any()
    return schemas


def read_schemas(faults: Collector) -> Schemas:
    """Contracts and suites without faults; the faults of the others are noted in `faults`."""
    folder = faults.root / "schemas"
    _check_names(folder, faults)
    declared = stated_tables(faults.root)
    read = {table: read_json(file, faults) for table, file in declared.items()}
    located = {table: at for table, at in read.items() if at}
    # A contract with a fault is held against the others all the same, as far as it can be read.
    documents = {
        table: document for table, at in located.items() if (document := _document(table, at, faults))
    }
    for table, document in documents.items():
        check_links(table, document, located[table], documents, list(declared), faults)
        check_masks(table, document, located[table], documents, faults)
    contracts = {table: contract_of(table, document) for table, document in documents.items()}
    suites: dict[str, Suite] = {}
    for layer in LAYERS:
        for file in sorted((folder / layer).glob(f"*{SUITE}")):
            _suite(file, contracts, list(declared), suites, faults)
    return Schemas(contracts, suites)


def stated_tables(root: Path) -> dict[str, Path]:
    """Every table that has a contract, with faults or without, and its file."""
    return {
        _table(f, CONTRACT): f
        for layer in LAYERS
        for f in sorted((root / "schemas" / layer).glob(f"*{CONTRACT}"))
    }


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


def _table(file: Path, ending: str) -> str:
    return f"{file.parent.name}.{file.name.removesuffix(ending)}"


def _suite(
    file: Path,
    contracts: dict[str, Contract],
    declared: list[str],
    suites: dict[str, Suite],
    faults: Collector,
) -> None:
    located = read_yaml(file, faults)
    if located is None:
        return
    suite, sound = check_readable(Suite, located, faults)
    table = _table(file, SUITE)
    if suite and check_suite(table, suite, located, contracts, declared, faults) and sound:
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
            if not file.name.endswith((CONTRACT, SUITE)) and not file.name.startswith("."):
                _, _, ending = file.name.partition(".")
                near = [e[1:] for e in (CONTRACT, SUITE)]
                expected = f"<table>{CONTRACT} or <table>{SUITE}"
                faults.add(
                    "LK212",
                    f"nobody reads a file that ends in '.{ending}'",
                    file=file,
                    wanted=expected,
                    value=ending,
                    among=near,
                )
            elif (
                file.name.endswith(CONTRACT)
                and not (folder / layer / (file.name.removesuffix(CONTRACT) + SUITE)).exists()
            ):
                faults.add(
                    "LK211",
                    "the table has no quality suite",
                    file=file,
                    wanted=f"{file.name.removesuffix(CONTRACT)}{SUITE} beside it",
                )
