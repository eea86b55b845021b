"""`lakehouse pipeline …`: create, update, show, validate, detect and test pipelines."""

from __future__ import annotations

import json
from collections.abc import Sequence, Sized
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.common import Json
from cli.pipeline.cases.command import run_cases
from cli.pipeline.listing import list_pipelines
from cli.pipeline.pipeline_names import Name, folder_names, require_pipeline
from cli.pipeline.template_commands import new, update
from cli.project.tree import Tree, read_tree
from cli.project.validate import tell
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector, FaultsError

pipeline = typer.Typer(
    help="Pipelines: make a new one, see its graph, find its faults.", no_args_is_help=True
)
pipeline.command("list")(list_pipelines)
pipeline.command("test")(run_cases)
pipeline.command("new")(new)
pipeline.command("update")(update)


@pipeline.command("show")
def show(
    name: Name,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", help="Write the graph to this file as a picture, instead of to the terminal."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Draw the jobs of a pipeline level by level.

    Each job shows what it waits for, reads and writes; gates and streams are marked. Jobs of other pipelines
    that write its inputs are shown outside. The picture needs no other program.
    """
    from cli.pipeline.graph import graph_of
    from cli.pipeline.graph_svg import svg as picture
    from cli.pipeline.graph_text import drawn

    tree = read_tree(project_root())
    require_pipeline(name, tree.root)
    if faults := tree.faults_of(name):
        raise FaultsError(faults)
    graph = graph_of(tree.pipelines[name], tree.pipelines.values())
    if svg:
        svg.write_text(picture(graph), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(graph.as_dict(), ensure_ascii=False))
    else:
        typer.echo(str(svg) if svg else drawn(graph))


@pipeline.command("validate")
def validate(
    name: Annotated[
        str | None,
        typer.Argument(help="Only this one; all, when it is not given.", autocompletion=folder_names),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the faults of a pipeline, without those of others.

    It checks the pipeline's files, its SQL, and the contracts and suites of its tables. Exit code 0 when it
    has none, 2 when it has some. `lakehouse validate` lists the faults of the whole project.
    """
    tree = read_tree(project_root())
    if name is not None:
        require_pipeline(name, tree.root)
    names = tree.names() if name is None else [name]
    tell(sorted({f for n in names for f in tree.faults_of(n)}), as_json=as_json)
    if not as_json:
        for line in _sound(tree, names):
            typer.echo(line)


def _sound(tree: Tree, names: Sequence[str]) -> list[str]:
    lines = []
    for pipe in [tree.pipelines[n] for n in names]:
        tables = {t for j in pipe.jobs for t in j.writes}
        lines.append(
            f"sound: {pipe.name} ({pipe.kind}), {_count(pipe.jobs, 'job')}, {_count(tables, 'table')}"
        )
    return lines


def _count(items: Sized, noun: str) -> str:
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"


@pipeline.command("detect")
def detect(
    folder: Annotated[
        Path, typer.Argument(help="A folder anywhere, in the project or not.", exists=True, file_okay=False)
    ],
    as_json: Json = False,
) -> None:
    """Say which kind of pipeline a folder is, and what says so.

    `tasks` in config.json: streaming. `execution_sequence` in config.json: batch. job.csv: metadata. Both, or
    none of them, is an error with exit code 2. Whether the pipeline is sound, `validate` says.
    """
    from cli.pipeline.detect import detected
    from cli.pipeline.graph_text import plain

    faults = Collector(folder.resolve().parent)
    facts: dict[str, Any] | None = detected(folder.resolve(), faults)
    if facts is None or faults.faults:
        tell(faults.faults, as_json=as_json)
    elif as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
    else:
        of = facts["of"].rstrip("s") if facts["count"] == 1 else facts["of"]
        title = f' "{facts["title"]}"' if facts["title"] else ""
        typer.echo(plain(f"{facts['name']}{title}: {facts['kind']}, {facts['count']} {of}, by {facts['by']}"))
