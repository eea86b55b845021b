"""`lakehouse pipeline …`: make one, look at it, hold it against the rules."""

from __future__ import annotations

import json
from collections.abc import Sequence, Sized
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.common import Json, unknown
from cli.pipeline.cases.command import run_cases
from cli.pipeline.template import TemplateKind
from cli.project.tree import Tree, read_tree
from cli.project.validate import tell
from lakehouse.pipelines.detect import folders
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector, FaultsError

pipeline = typer.Typer(
    help="Pipelines: make a new one, see its graph, find its faults.", no_args_is_help=True
)
pipeline.command("test")(run_cases)
KINDS: dict[str, TemplateKind] = {
    "streaming": "streaming",
    "batch": "batch",
    "metadata": "metadata",
    "python": "python",
}


def folder_names() -> list[str]:
    """Also of those that cannot be read: it is they that are looked at."""
    return [folder.name for folder in folders(project_root())]


Name = Annotated[
    str, typer.Argument(help="The pipeline's folder below pipelines/.", autocompletion=folder_names)
]
Template = Annotated[
    Path | None,
    typer.Option(
        "--template",
        help="A template of your own, made like templates/pipeline/ of the platform.",
        exists=True,
        file_okay=False,
    ),
]


@pipeline.command("new")
def new(
    name: Annotated[
        str, typer.Argument(help="Lower-case letters, digits and _, beginning with a letter, at most 32.")
    ],
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            help="streaming: topics into tables, without end. batch: steps of SQL. "
            "metadata: jobs as rows of three CSV files, with SQL. "
            "python: the same, with a Python function and a case.",
            autocompletion=lambda: list(KINDS),
        ),
    ],
    reads: Annotated[
        str | None,
        typer.Option(
            help="Of kind python: the table it reads, such as silver.orders. Without it: the first one."
        ),
    ] = None,
    template: Template = None,
    as_json: Json = False,
) -> None:
    """Make a pipeline that runs as it is: its folder, and contract and suite of the table it fills.

    It is rendered apart and read with the whole tree first. A name that is taken, by a pipeline, a job or a
    table, is refused with exit code 2, and then nothing is written. The files are yours to change; `update`
    keeps what you did.
    """
    from cli.pipeline.new import create
    from cli.pipeline.template import named

    if kind not in KINDS:
        raise unknown("kind", kind, list(KINDS))
    made = create(project_root().resolve(), named(name), KINDS[kind], template, reads)
    if as_json:
        typer.echo(
            json.dumps({"pipeline": made.name, "kind": made.kind, "files": [*made.files, made.record]})
        )
        return
    for path in made.files:
        typer.echo(path)
    typer.echo(f"\nmade: {made.name} ({made.kind}). Next:\n  lakehouse pipeline show {made.name}")
    typer.echo(f"  lakehouse run --env local --pipeline {made.name} --run-date YYYY-MM-DD")


@pipeline.command("update")
def update(name: Name, template: Template = None, as_json: Json = False) -> None:
    """Bring a later version of the template into a pipeline that `new` has made.

    What you changed stays. Where the template changed the same lines, the file shows both between `<<<<<<<`
    and `>>>>>>>`, and the exit code is 1. Exit code 2: the pipeline has faults now.
    """
    from cli.pipeline.template import read_made
    from cli.pipeline.update import bring

    here = project_root().resolve()
    _among(name, here)
    made = read_made(here, name)
    if made is None:
        raise typer.BadParameter(
            f"'{name}' was not made by `lakehouse pipeline new`: it has no template to follow"
        )
    done = bring(here, made, template).as_dict()
    faults = read_tree(here).faults_of(name)
    if as_json:
        typer.echo(
            json.dumps(
                {"pipeline": name, **done, "faults": [f.as_dict() for f in faults]}, ensure_ascii=False
            )
        )
    else:
        for what, paths in done.items():
            for path in paths:
                typer.echo(f"{what:>9}  {path}")
        typer.echo(f"{name}: {'merged with' if any(done.values()) else 'as of'} the newest template")
    if done["conflicts"]:
        raise typer.Exit(1)
    if faults:
        raise typer.Exit(2) if as_json else FaultsError(faults)


@pipeline.command("show")
def show(
    name: Name,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", help="Write the graph to this file as a picture, instead of to the terminal."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Draw the jobs of a pipeline level under level.

    Each job shows what it waits for, reads and writes; gates and streams are marked.

    Jobs of other pipelines that write what it reads are shown as outside. The picture needs no other program.
    """
    from cli.pipeline.graph import graph_of
    from cli.pipeline.graph_svg import svg as picture
    from cli.pipeline.graph_text import drawn

    tree = read_tree(project_root())
    _among(name, tree.root)
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
    """List what is wrong with a pipeline, and with nothing else.

    It checks the pipeline's files, its SQL, and the contracts and suites of its tables.

    Exit code 0 when it is sound, 2 when it is not. Every other fact is read, too, but `lakehouse validate`
    tells of it.
    """
    tree = read_tree(project_root())
    if name is not None:
        _among(name, tree.root)
    names = tree.names() if name is None else [name]
    tell(sorted({f for n in names for f in tree.faults_of(n)}), as_json=as_json)
    if not as_json:
        for line in _sound(tree, names):
            typer.echo(line)


def _sound(tree: Tree, names: Sequence[str]) -> list[str]:
    found = []
    for pipe in [tree.pipelines[n] for n in names]:
        tables = {t for j in pipe.jobs for t in j.writes}
        found.append(
            f"sound: {pipe.name} ({pipe.kind}), {_count(pipe.jobs, 'job')}, {_count(tables, 'table')}"
        )
    return found


def _count(what: Sized, noun: str) -> str:
    return f"{len(what)} {noun}{'' if len(what) == 1 else 's'}"


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
    found: dict[str, Any] | None = detected(folder.resolve(), faults)
    if found is None or faults.faults:
        tell(faults.faults, as_json=as_json)
    elif as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        of = found["of"].rstrip("s") if found["count"] == 1 else found["of"]
        title = f' "{found["title"]}"' if found["title"] else ""
        typer.echo(plain(f"{found['name']}{title}: {found['kind']}, {found['count']} {of}, by {found['by']}"))


def _among(name: str, root: Path) -> None:
    known = [folder.name for folder in folders(root)]
    if name not in known:
        raise unknown("pipeline", name, known)
