"""Reads every contract and suite of a project, with all their faults at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lakehouse.contracts.consistency import check_document
from lakehouse.contracts.consistency_suite import check_suite
from lakehouse.contracts.contract import Contract, contract_of
from lakehouse.contracts.document import Document
from lakehouse.contracts.links import check_links
from lakehouse.contracts.masking import check_masks
from lakehouse.contracts.suite import Suite
from lakehouse.environments.names import LAYERS
from lakehouse.project import project_root
from lakehouse.reading.check import check
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import read_json, read_yaml

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
    documents = {table: check(Document, at, faults) if at else None for table, at in read.items()}
    sound = {t: d for t, d in documents.items() if d and (at := read[t]) and check_document(t, d, at, faults)}
    for table, document in sound.items():
        located = read[table]
        if located:
            check_links(table, document, located, sound, list(declared), faults)
            check_masks(table, document, located, sound, faults)
    contracts = {table: contract_of(table, document) for table, document in sound.items()}
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
    suite = check(Suite, located, faults) if located else None
    if located and suite and check_suite(_table(file, SUITE), suite, located, contracts, declared, faults):
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
