"""Makes what is deployed, each part only when what it is made from has changed."""

from __future__ import annotations

import importlib.util
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.build import packages
from infra.build.archive import digest_of, room, sha256_of, write_zip
from infra.build.functions import function_names, sources
from infra.build.named import named_files
from infra.build.wheel import wheel_entries, wheel_name
from lakehouse.reading.faults import Fault, FaultsError

FOLDER = ".build"
MANIFEST = "manifest.json"
DEPENDENCIES = "dependencies.gluewheels.zip"
# What the DAGs are made from, and the packages that they import and no image of MWAA holds: pure Python, as the lock file names them.
DAG_ROOMS = ("environments", "facts", "mwaa_dags", "pipelines", "schemas")
DAG_PACKAGES = ("cronsim",)
Entries = Mapping[str, bytes | Path]


@dataclass(frozen=True)
class Made:
    """One file or folder below .build/: the digest of what it is made from, and of its bytes."""

    path: str
    inputs: str
    sha256: str
    fresh: bool


def build(root: Path, out: Path | None = None, said: Callable[[Made], None] = lambda _: None) -> list[Made]:
    """Everything into `out` (`.build/` of the tree). Raises FaultsError when a package cannot be had."""
    out = out or root / FOLDER
    known = _manifest(out)
    parts = _parts(root, out)
    # Until all is made there is no manifest, and without one no plan.
    (out / MANIFEST).unlink(missing_ok=True)
    made = []
    for path, inputs, make in parts:
        made.append(_made(out, path, inputs, make, known.get(path, {})))
        said(made[-1])
    _drop_others(out, {m.path for m in made})
    manifest = {m.path: {"inputs": m.inputs, "sha256": m.sha256} for m in made}
    (out / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return made


def require_built(root: Path, out: Path | None = None) -> None:
    """Raises FaultsError (LK521) unless .build/ is there and made from this very tree."""
    out = out or root / FOLDER
    known = _manifest(out)
    stale = [
        path
        for path, inputs, _ in _parts(root, out)
        if known.get(path, {}).get("inputs") != inputs or not (out / path).exists()
    ]
    if stale:
        what = f"{', '.join(stale)} of this tree {'is' if len(stale) == 1 else 'are'} not built"
        raise FaultsError(
            [Fault(FOLDER, 0, 0, "LK521", what, "`lakehouse build` before the stack is planned or applied")]
        )


def function_path(name: str) -> str:
    return f"functions/{name}.zip"


def dag_entries(root: Path) -> dict[str, bytes | Path]:
    """The DAG folder: rooms and packages by their own names, and at its root what is no module: what Airflow, pip and MWAA look for there."""
    rooms = {path: file for each in DAG_ROOMS for path, file in room(root, each).items()}
    # Which tables a job reads and writes, its SQL and its template say. Code is not read there.
    rooms |= named_files(root, DAG_ROOMS, (".sql", ".json"))
    own = {
        path: file for path, file in rooms.items() if path.startswith("mwaa_dags/") and file.suffix != ".py"
    }
    named = {
        path.removeprefix("mwaa_dags/").replace("airflowignore", ".airflowignore"): file
        for path, file in own.items()
    }
    packages_of = {path: file for each in DAG_PACKAGES for path, file in room(_installed(each), each).items()}
    return {**{path: file for path, file in rooms.items() if path not in own}, **named, **packages_of}


def _installed(package: str) -> Path:
    """The folder that holds an installed package."""
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent.parent


def _parts(root: Path, out: Path) -> list[tuple[str, str, Callable[[Path], None]]]:
    """(path, digest of the inputs, how it is made)."""
    wheel, dags = wheel_entries(root), dag_entries(root)
    glue = packages.requirements(root, packages.GLUE)
    parts: list[tuple[str, str, Callable[[Path], None]]] = [
        (f"code/{wheel_name(root)}", digest_of(wheel), lambda path: write_zip(path, wheel)),
        (f"code/{DEPENDENCIES}", _wanted(glue, packages.GLUE), lambda path: _wheels(glue, path)),
        ("airflow/dags", digest_of(dags), lambda path: _folder(path, dags)),
    ]
    lines = packages.requirements(root, packages.FUNCTIONS)
    for name in function_names(root):
        own: dict[str, bytes | Path] = dict(sources(root, name))
        inputs = digest_of({**own, "requirements": _wanted(lines, packages.FUNCTIONS).encode()})
        parts.append((function_path(name), inputs, lambda path, own=own: _function(out, lines, own, path)))  # type: ignore[misc]
    return parts


def _wanted(lines: str, target: packages.Target) -> str:
    return digest_of({"lines": lines.encode(), "target": repr(target).encode(), "pip": packages.PIP.encode()})


def _made(out: Path, path: str, inputs: str, make: Callable[[Path], None], known: dict[str, str]) -> Made:
    place = out / path
    if known.get("inputs") == inputs and place.exists() and _sha256(place) == known.get("sha256"):
        return Made(path, inputs, known["sha256"], False)
    make(place)
    return Made(path, inputs, _sha256(place), True)


def _sha256(place: Path) -> str:
    return (
        sha256_of(place)
        if place.is_file()
        else digest_of({p.relative_to(place).as_posix(): p for p in sorted(place.rglob("*")) if p.is_file()})
    )


def _wheels(lines: str, path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_zip(path, packages.zip_of_wheels(packages.download(lines, packages.GLUE, Path(folder))))


def _function(out: Path, lines: str, own: Entries, path: Path) -> None:
    """The functions share their packages, which are fetched once."""
    folder = out / "wheels" / _wanted(lines, packages.FUNCTIONS)[:16]
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=_there(folder.parent)) as unfinished:
            packages.download(lines, packages.FUNCTIONS, Path(unfinished))
            shutil.copytree(unfinished, folder)
    write_zip(path, {**packages.unpacked(sorted(folder.glob("*.whl"))), **own})


def _folder(place: Path, entries: Entries) -> None:
    shutil.rmtree(place, ignore_errors=True)
    for name, content in entries.items():
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.read_bytes())


def _there(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _drop_others(out: Path, kept: set[str]) -> None:
    """A function or version that is no more must not be found by whoever looks here."""
    for path in [*out.glob("code/*"), *out.glob("functions/*")]:
        if path.relative_to(out).as_posix() not in kept:
            path.unlink()


def _manifest(out: Path) -> dict[str, Any]:
    try:
        found = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
