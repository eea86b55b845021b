"""A new pipeline: rendered apart, read with the whole tree, and only then put into place."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

import typer

from cli.pipeline.template import Made, TemplateKind, render
from cli.pipeline.template_input import extra_answers
from cli.project.tree import Tree, read_tree
from lakehouse.project import MARKER
from lakehouse.reading.faults import FaultsError

ROOMS = ("environments", "schemas", "pipelines", "lakeformation")


def create(
    root: Path, name: str, kind: TemplateKind, template: Path | None = None, reads: str | None = None
) -> Made:
    """Raises BadParameter for a name that is taken, FaultsError when the tree would be less sound with it;
    then nothing is written.
    """
    if not (root / "pipelines").is_dir():
        raise typer.BadParameter(f"{root} holds no pipelines/")
    before, made = read_tree(root), render(name, kind, template, extra_answers(root, kind, reads))
    taken = [f"{path} is there already" for path in _stated(before.root, made)]
    if taken:
        raise typer.BadParameter(f"'{name}' is taken: {'; '.join(taken)}")
    after = _with(before, made)
    if clashes := _clashes(before, after, name):
        raise typer.BadParameter(f"'{name}' is taken: {'; '.join(clashes)}")
    if worse := [f for f in after.faults if f not in before.faults]:
        raise FaultsError(worse)
    place(before.root, made)
    return made


def _stated(root: Path, made: Made) -> list[str]:
    own = f"pipelines/{made.name}"
    return [
        path
        for path in (own, *(p for p in made.files if not p.startswith(f"{own}/")))
        if (root / path).exists()
    ]


def _with(before: Tree, made: Made) -> Tree:
    """The tree as it would be, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        apart = Path(folder).resolve()
        if (before.root / MARKER).is_file():
            shutil.copy(before.root / MARKER, apart / MARKER)
        for room in ROOMS:
            if (before.root / room).is_dir():
                shutil.copytree(
                    before.root / room, apart / room, ignore=shutil.ignore_patterns("__pycache__", ".*")
                )
        elsewhere = {p.file for j in before.jobs for p in j.procs if p.file and not (apart / p.file).exists()}
        for file in elsewhere:
            (apart / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(before.root / file, apart / file)
        for path, text in made.files.items():
            _write(apart / path, text)
        return read_tree(apart)


def _clashes(before: Tree, after: Tree, name: str) -> list[str]:
    """Jobs and DAGs that another pipeline has by the same name."""
    own = after.pipelines[name].jobs if name in after.pipelines else ()
    found = []
    for job in own:
        other = next((j for j in before.jobs if j.name == job.name), None)
        if other:
            found.append(f"'{job.name}' is a job of pipeline '{other.pipeline}'")
    dags = {p.dag_id for j in own for p in j.procs}
    homes = {p.dag_id: j.pipeline for j in before.jobs for p in j.procs if p.dag_id in dags}
    return [*found, *(f"'{dag}' is a DAG of pipeline '{home}'" for dag, home in homes.items())]


def place(root: Path, made: Made) -> None:
    """Puts all files into the project, or none.

    The pipeline's folder comes last and at once: without it, nothing of the rest runs.
    """
    own = root / "pipelines" / made.name
    apart = Path(tempfile.mkdtemp(prefix=f".{made.name}.", dir=root / "pipelines"))
    apart.chmod(0o755)
    written: list[Path] = []
    try:
        for path, text in {**made.files, made.record: made.text()}.items():
            if (root / path).is_relative_to(own):
                _write(apart / Path(path).relative_to(f"pipelines/{made.name}"), text)
            else:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                with (root / path).open("x", encoding="utf-8") as file:
                    written.append(root / path)
                    file.write(text)
        apart.rename(own)
    except BaseException as error:
        for file_ in written:
            file_.unlink(missing_ok=True)
        shutil.rmtree(apart, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            raise typer.BadParameter(
                f"'{made.name}' was taken by another while it was made: {error.filename2 or error.filename}"
            ) from error
        raise


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
