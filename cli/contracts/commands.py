"""`lakehouse contracts …`: each form of a contract, made from the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.common import unknown

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

contracts = typer.Typer(help="The short and the long form of contracts.", no_args_is_help=True)

Table = Annotated[str, typer.Argument(metavar="TABLE", help="The table, such as bronze.trips.")]
Write = Annotated[
    bool, typer.Option("--write", help="Put the new form in the place of the old one, and print the files.")
]


@dataclass(frozen=True)
class _Forms:
    """The files of a table, and the two documents that they hold."""

    files: tuple[Path, ...]
    contract: dict[str, Any]
    suite: dict[str, Any]


@contracts.command("expand")
def expand(table: Table, write: Write = False) -> None:
    """Show a contract as JSON Schema, and its suite with each expectation written out.

    Exit code 2 for a table without a contract, or whose files have a fault.
    """
    import yaml

    forms = _forms(table)
    contract = json.dumps(forms.contract, indent=2, ensure_ascii=False) + "\n"
    suite = yaml.safe_dump(forms.suite, sort_keys=False, allow_unicode=True, width=10_000)
    if write:
        _replace(table, forms.files, {".schema.json": contract, ".dq.yml": suite})
    else:
        typer.echo(f"{contract}---\n{suite}", nl=False)


@contracts.command("shorten")
def shorten(
    table: Table,
    write: Write = False,
    derives: Annotated[
        bool,
        typer.Option("--derive", help="Leave to the query or function what it says of columns, by Spark."),
    ] = False,
) -> None:
    """Show a contract and its suite as one short file: a line a column.

    It expands to the same contract and the same rules. With --derive it states what the query does not say,
    and `<table>.columns.json` holds the rest, as `derive` writes it; exit code 2 for a query that gives
    other columns (RUN681).

    Exit code 2 as for `expand`.
    """
    from lakehouse.contracts.short.shorten import shorten as short_text

    forms = _forms(table)
    texts = _derived(table, forms) if derives else {".yml": short_text(table, forms.contract, forms.suite)}
    if write:
        _replace(table, forms.files, texts)
    else:
        typer.echo("---\n".join(texts.values()), nl=False)


def _derived(table: str, forms: _Forms) -> dict[str, str]:
    """Ending → text of the files of a derived contract."""
    from cli.contracts.derived_form import derived_form
    from lakehouse.contracts.short.derived import ENDING
    from lakehouse.project import project_root

    with _analysis() as spark:
        form = derived_form(spark, project_root().resolve(), table, forms.contract, forms.suite)
    return {".yml": form.contract, ENDING: form.columns}


@contextmanager
def _analysis() -> Iterator[SparkSession]:
    """Spark for analysis alone. Raises RunError (RUN061) where Spark is not on this machine."""
    from cli.project.deep import spark_is_missing
    from glue_jobs.errors import RunError
    from glue_jobs.session import analysis_session
    from local_aws.java import java_home

    if missing := spark_is_missing():
        raise RunError(f"derive needs Spark on this machine: {missing}", code="RUN061")
    with analysis_session(str(java_home())) as spark:
        yield spark


@contracts.command("derive")
def derive() -> None:
    """Derive the columns that contracts leave to their queries and functions, by Spark's analysis.

    They are written to `<table>.columns.json` beside the contract; commit it. Exit code 2 for a column that
    cannot be derived (RUN680), 1 where Spark is not on this machine.
    """
    from cli.contracts.derive import derive as derived
    from cli.contracts.derive import deriving_tables
    from lakehouse.project import project_root

    root = project_root().resolve()
    if not deriving_tables(root):
        typer.echo("no contract leaves columns to its query; `derive: true` says that one does")
        return
    with _analysis() as spark:
        for outcome in derived(spark, root):
            state = "written" if outcome.changed else "unchanged"
            typer.echo(f"{outcome.file.relative_to(root)}: {outcome.columns} columns, {state}")


def _forms(table: str) -> _Forms:
    """Raises BadParameter for a table without a contract, FaultsError for one with a fault."""
    from lakehouse.contracts.files import is_short, read_table_files, stated_tables, suite_file
    from lakehouse.contracts.reader import read_schemas
    from lakehouse.contracts.short.derived import derived_file
    from lakehouse.project import project_root
    from lakehouse.reading.faults import Collector

    root = project_root().resolve()
    tables = stated_tables(root)
    if table not in tables:
        raise unknown("table", table, list(tables))
    faults, file = Collector(root), tables[table]
    read_schemas(faults)
    beside = [derived for derived in (derived_file(file),) if is_short(file) and derived.exists()]
    files = tuple(dict.fromkeys((file, suite_file(file), *beside)))
    names = {faults.relative(each) for each in files}
    faults.faults = [fault for fault in faults.faults if fault.file in names]
    faults.raise_if_any()
    documents = read_table_files(file, faults)
    if documents.contract is None or documents.suite is None:
        raise typer.BadParameter(f"the suite of {table} is missing")
    return _Forms(files, documents.contract.value, documents.suite.value)


def _replace(table: str, files: tuple[Path, ...], texts: dict[str, str]) -> None:
    """Writes the files of the new form, then removes those of the old one."""
    layer, name = table.split(".")
    folder = files[0].parent
    written = [folder / f"{name}{ending}" for ending in texts]
    for file, text in zip(written, texts.values(), strict=True):
        file.write_text(text, encoding="utf-8")
    for file in files:
        if file not in written:
            file.unlink()
    typer.echo("\n".join(f"schemas/{layer}/{file.name}" for file in written))
