"""`lakehouse pipeline new` and `update`: pipelines that follow a template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.common import Json, unknown
from cli.pipeline.pipeline_names import Name, require_pipeline
from cli.pipeline.template import PipelineRecord, TemplateKind
from cli.project.tree import read_tree
from lakehouse.project import project_root
from lakehouse.reading.faults import FaultsError

KINDS: dict[str, TemplateKind] = {
    "streaming": "streaming",
    "batch": "batch",
    "metadata": "metadata",
    "python": "python",
}
Template = Annotated[
    Path | None,
    typer.Option(
        "--template",
        help="A template of your own, made like templates/pipeline/ of the platform.",
        exists=True,
        file_okay=False,
    ),
]
NewName = Annotated[
    str, typer.Argument(help="Lower-case letters, digits and _, beginning with a letter, at most 32.")
]
Kind = Annotated[
    str,
    typer.Option(
        "--kind",
        help="streaming: topics into tables, without end. batch: steps of SQL. "
        "metadata: jobs as rows of three CSV files, with SQL. "
        "python: the same, with a Python function and a case.",
        autocompletion=lambda: list(KINDS),
    ),
]
Reads = Annotated[
    str | None,
    typer.Option(
        help="Of kinds batch, metadata and python: the table to read, such as silver.orders. "
        "Without it: the first suitable one."
    ),
]
Topic = Annotated[
    str | None,
    typer.Option(
        help="Of kind streaming: the topic to read. "
        "Without it: the first of a contract, else one of the pipeline's name."
    ),
]


def new(
    name: NewName,
    kind: Kind,
    reads: Reads = None,
    topic: Topic = None,
    template: Template = None,
    as_json: Json = False,
) -> None:
    """Make a pipeline that runs as it is: its folder, and contract and suite of the table it fills.

    The pipeline is rendered elsewhere and checked with the whole project first. A name that a pipeline, a job
    or a table has already is refused with exit code 2, and then nothing is written. The files are yours to
    change; `update` keeps your changes.
    """
    from cli.pipeline.new import NewPipeline, create
    from cli.pipeline.template import require_valid_name

    if kind not in KINDS:
        raise unknown("kind", kind, list(KINDS))
    new = NewPipeline(require_valid_name(name), KINDS[kind], reads, topic, template)
    record = create(project_root().resolve(), new)
    _print_created(record, as_json=as_json)


def _print_created(record: PipelineRecord, *, as_json: bool) -> None:
    if as_json:
        typer.echo(
            json.dumps({"pipeline": record.name, "kind": record.kind, "files": [*record.files, record.path]})
        )
        return
    for path in record.files:
        typer.echo(path)
    typer.echo(f"\nmade: {record.name} ({record.kind}). Next:\n  lakehouse pipeline show {record.name}")
    typer.echo(f"  lakehouse run --env local --pipeline {record.name} --run-date YYYY-MM-DD")


def update(name: Name, template: Template = None, as_json: Json = False) -> None:
    """Merge a later version of the template into a pipeline that `new` has made.

    Your changes stay. Where the template changed the same lines, the file shows both between `<<<<<<<`
    and `>>>>>>>`, and the exit code is 1. Exit code 2: the pipeline has faults now.
    """
    from cli.pipeline.template import read_record
    from cli.pipeline.update import merge_template

    root = project_root().resolve()
    require_pipeline(name, root)
    record = read_record(root, name)
    if record is None:
        raise typer.BadParameter(
            f"'{name}' was not made by `lakehouse pipeline new`: it has no template to follow"
        )
    done = merge_template(root, record, template).as_dict()
    faults = read_tree(root).faults_of(name)
    if as_json:
        typer.echo(
            json.dumps(
                {"pipeline": name, **done, "faults": [f.as_dict() for f in faults]}, ensure_ascii=False
            )
        )
    else:
        for action, paths in done.items():
            for path in paths:
                typer.echo(f"{action:>9}  {path}")
        typer.echo(f"{name}: {'merged with' if any(done.values()) else 'as of'} the newest template")
    if done["conflicts"]:
        raise typer.Exit(1)
    if faults:
        raise typer.Exit(2) if as_json else FaultsError(faults)
