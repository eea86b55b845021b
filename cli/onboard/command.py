"""`lakehouse onboard`: from a source that nobody described to a table that is read every day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cli.onboard.contract_text import Onboarded
    from cli.onboard.origins import Request
    from cli.onboard.sample import Origin, Sample

_TABLE = re.compile(r"bronze\.[a-z][a-z0-9_]*")


Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE…|s3://BUCKET/FOLDER/|snowflake:TABLE|topic:NAME",
        help="Files on this machine or below a prefix of S3, a table of Snowflake, or a topic of Kafka.",
    ),
]
Table = Annotated[str, typer.Option("--as", help="The table to make, such as bronze.trips.")]
Owner = Annotated[
    str | None, typer.Option(help="Who owns the table; by default the owner of the first table.")
]
Folder = Annotated[
    str | None, typer.Option(help="The folder of the landing zone; the table's name by default.")
]
Pipeline = Annotated[
    str | None,
    typer.Option(help="The pipeline of the ingest: a new one, or one with a pipeline.yml to add it to."),
]
OfEnv = Annotated[
    str | None,
    typer.Option(help="The environment whose S3, Snowflake or Kafka is read; files need none."),
]
Rows = Annotated[
    int | None,
    typer.Option(min=1, help="Read at most so many rows: 1,000,000 of files, 10,000 of other sources."),
]


def onboard(
    sources: Sources,
    table: Table,
    owner: Owner = None,
    source: Folder = None,
    pipeline: Pipeline = None,
    env: OfEnv = None,
    rows: Rows = None,
) -> None:
    """Write the contract, the suite and the ingest of a source: what it holds is read from it.

    Files are CSV, lines of fixed width, JSON lines or arrays, Parquet or Avro, packed or not. The newest
    messages of a topic are objects of JSON, changes of a database as Debezium sends them, or CSV.

    It finds the form, names and types of columns, words for null, the key, the column that says which row
    is newer, and personal data, which it masks. What it is unsure of stands in the contract as a comment,
    `# decide: …`, and is printed. What it writes is sound and runs as it stands.

    Exit code 2, and nothing written, for a source that cannot be read and for a table that exists.
    """
    from cli.onboard.origins import Request
    from lakehouse.project import Project

    root = Project.find().root
    name = _checked(table, root)
    pipeline = pipeline or name
    _require_free(root / "pipelines" / pipeline)
    origin, sample = _read(Request(tuple(sources), table, source, env, rows))
    owner = owner or _first_owner(root)
    contract = _contract(sample, table, owner, origin)
    texts = _add(root, pipeline, table, owner, origin, {f"schemas/bronze/{name}.yml": contract.text})
    typer.echo(f"{len(sample.rows):,} rows, {len(sample.columns)} columns; written:")
    _list(texts)
    if contract.doubts:
        typer.echo("to decide, at the comments of the contract:")
        _list(contract.doubts)
    typer.echo("next:")
    _list(["lakehouse validate", *origin.next])


def _add(
    root: Path, pipeline: str, table: str, owner: str, origin: Origin, contract: dict[str, str]
) -> dict[str, str]:
    """Writes the contract, and the pipeline or the table into it: path → text of each file."""
    from cli.onboard.pipeline_file import FILE, pipeline_text, with_table
    from cli.pipeline.new import add_files
    from cli.pipeline.template_answers import alert_address
    from lakehouse.project import Project

    path = f"pipelines/{pipeline}/{FILE}"
    if (root / path).exists():
        texts = contract | {path: with_table(root / path, table, streams=origin.streams)}
        _write(root, texts, over=path)
        return texts
    address = alert_address(root, list(Project.find().settings.environments))
    topic = origin.topic if origin.streams else ""
    texts = contract | {path: pipeline_text(pipeline, table, owner, address, topic)}
    add_files(root, pipeline, texts)
    return texts


def _list(lines: Iterable[str]) -> None:
    typer.echo("".join(f"  {line}\n" for line in lines), nl=False)


def _read(request: Request) -> tuple[Origin, Sample]:
    """Where the rows come from, and what was read of them.

    Raises BadParameter for a source that cannot be read, that is not there, or whose credentials are missing.
    """
    from cli.onboard.origins import read_origin
    from cli.onboard.sample import OnboardError
    from glue_jobs.errors import RunError

    try:
        return read_origin(request)
    except (OnboardError, RunError) as error:
        raise typer.BadParameter(str(error)) from None


def _contract(sample: Sample, table: str, owner: str, origin: Origin) -> Onboarded:
    """Raises BadParameter for a source that no ingest could read."""
    from cli.onboard.contract_text import contract_text
    from cli.onboard.sample import OnboardError

    try:
        return contract_text(sample, table, owner, origin)
    except OnboardError as error:
        raise typer.BadParameter(str(error)) from None


def _checked(table: str, root: Path) -> str:
    """The table's name without its layer.

    Raises BadParameter for what is no table of bronze, and for one that exists.
    """
    from lakehouse.contracts.files import stated_tables

    if not _TABLE.fullmatch(table):
        raise typer.BadParameter(f"'{table}' is no table of bronze; wanted bronze.<name>")
    name = table.partition(".")[2]
    if table in stated_tables(root):
        raise typer.BadParameter(f"{table} has a contract already")
    return name


def _require_free(folder: Path) -> None:
    """Raises BadParameter for a pipeline that is not in one file, and for a name that is none."""
    from cli.onboard.pipeline_file import FILE
    from lakehouse.pipelines.cell_error import CellError
    from lakehouse.pipelines.cells import name

    try:
        name(folder.name)
    except CellError as error:
        raise typer.BadParameter(f"--pipeline {error}; wanted {error.wanted}") from None
    if folder.exists() and not (folder / FILE).exists():
        raise typer.BadParameter(f"pipelines/{folder.name} exists already, and has no {FILE} to add to")


def _write(root: Path, texts: dict[str, str], *, over: str) -> None:
    """Writes new files, and `over` in place of the one that exists."""
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        with (root / path).open("w" if path == over else "x", encoding="utf-8") as file:
            file.write(text)


def _first_owner(root: Path) -> str:
    """The owner of a table that exists, whose domain the tags know."""
    from lakehouse.contracts.reader import read_schemas
    from lakehouse.reading.faults import Collector

    contracts = read_schemas(Collector(root)).contracts.values()
    return next((contract.lake.owner for contract in contracts), "data_team")
