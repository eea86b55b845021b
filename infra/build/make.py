"""Builds what is deployed, each part only when its inputs have changed."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.build import packages
from infra.build.archive import sha256_of, write_zip
from infra.build.bundle import bundle_entries
from infra.build.dags import dag_entries
from infra.build.functions import function_names, function_sources
from infra.build.wheel import wheel_entries, wheel_name
from lakehouse.digest import Entries, content_of, digest_of
from lakehouse.release import BUNDLE, DEPENDENCIES, ENTRYPOINT

FOLDER = ".build"
MANIFEST = "manifest.json"
ENGINE_FOLDER, BUNDLE_FOLDER, DAGS_FOLDER, FUNCTIONS_FOLDER = "engine", "bundle", "airflow/dags", "functions"


@dataclass(frozen=True)
class BuiltPart:
    """A file or folder below .build/: the digest of its inputs, and of its bytes.

    `fresh`: it was built by this call.
    """

    path: str
    inputs: str
    sha256: str
    fresh: bool


@dataclass(frozen=True)
class _Part:
    """How a part is built at a path, and the digest of what it is built from."""

    path: str
    inputs: str
    write: Callable[[Path], None]


def build(
    root: Path,
    out: Path | None = None,
    on_built: Callable[[BuiltPart], None] = lambda _: None,
    *,
    source_root: Path | None = None,
    with_release: bool = True,
) -> list[BuiltPart]:
    """Builds what is deployed for the project at `root` into `out` (`.build/` of the project).

    `source_root` holds the platform's packages (default: where they are installed). Without
    `with_release`, engine and bundle are not built: a deploy of an older release takes them from the
    bucket. Raises FaultsError (LK520) when a package cannot be downloaded.
    """
    out = out or root / FOLDER
    recorded = _manifest(out)
    release = _release_parts(root, source_root)
    parts = [*(release if with_release else []), *_stack_parts(root, out, source_root)]
    # Without a manifest there is no plan, so an interrupted build cannot be deployed.
    (out / MANIFEST).unlink(missing_ok=True)
    built = []
    for part in parts:
        built.append(_build(out, part, recorded.get(part.path, {})))
        on_built(built[-1])
    manifest = {part.path: {"inputs": part.inputs, "sha256": part.sha256} for part in built}
    if not with_release:
        manifest |= {part.path: recorded[part.path] for part in release if part.path in recorded}
    _remove_others(out, {*manifest})
    (out / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return built


def is_built(root: Path, out: Path | None = None) -> bool:
    """True when engine and bundle below `out` are those of the working tree."""
    out = out or root / FOLDER
    recorded = _manifest(out)
    parts = _release_parts(root, None)
    return all(recorded.get(p.path, {}).get("inputs") == p.inputs and (out / p.path).exists() for p in parts)


def function_path(name: str) -> str:
    """The path of a function's zip below .build/."""
    return f"{FUNCTIONS_FOLDER}/{name}.zip"


def _release_parts(root: Path, source_root: Path | None) -> list[_Part]:
    """The engine's three files and the project's bundle."""
    wheel, bundle = wheel_entries(source_root), bundle_entries(root)
    entrypoint = content_of(wheel[f"glue_jobs/{ENTRYPOINT}"])
    glue = packages.requirements(packages.GLUE)
    return [
        _Part(f"{ENGINE_FOLDER}/{wheel_name()}", digest_of(wheel), lambda path: write_zip(path, wheel)),
        _Part(
            f"{ENGINE_FOLDER}/{DEPENDENCIES}",
            packages.inputs_digest(glue, packages.GLUE),
            lambda path: _write_wheels(glue, path),
        ),
        _Part(
            f"{ENGINE_FOLDER}/{ENTRYPOINT}",
            digest_of({ENTRYPOINT: entrypoint}),
            lambda path: _write_file(path, entrypoint),
        ),
        _Part(f"{BUNDLE_FOLDER}/{BUNDLE}", digest_of(bundle), lambda path: write_zip(path, bundle)),
    ]


def _stack_parts(root: Path, out: Path, source_root: Path | None) -> list[_Part]:
    """What Terraform uploads: the DAG folder and the functions."""
    dags = dag_entries(root, source_root)
    folder = _Part(DAGS_FOLDER, digest_of(dags), lambda path: _write_folder(path, dags))
    return [folder, *_function_parts(out, source_root)]


def _function_parts(out: Path, source_root: Path | None) -> list[_Part]:
    lines = packages.requirements(packages.FUNCTIONS)
    requirements = packages.inputs_digest(lines, packages.FUNCTIONS)
    parts = []
    for name in function_names(source_root):
        sources: dict[str, bytes | Path] = dict(function_sources(name, source_root))
        inputs = digest_of({**sources, "requirements": requirements.encode()})

        def write(path: Path, sources: Entries = sources) -> None:
            _write_function(out, lines, sources, path)

        parts.append(_Part(function_path(name), inputs, write))
    return parts


def _build(out: Path, part: _Part, recorded: dict[str, str]) -> BuiltPart:
    path = out / part.path
    if (
        recorded.get("inputs") == part.inputs
        and path.exists()
        and _content_digest(path) == recorded.get("sha256")
    ):
        return BuiltPart(part.path, part.inputs, recorded["sha256"], False)
    part.write(path)
    return BuiltPart(part.path, part.inputs, _content_digest(path), True)


def _content_digest(path: Path) -> str:
    if path.is_file():
        return sha256_of(path)
    # A program that runs from the folder may leave compiled modules there.
    files = [file for file in sorted(path.rglob("*")) if file.is_file() and file.suffix != ".pyc"]
    return digest_of({file.relative_to(path).as_posix(): file for file in files})


def _write_wheels(lines: str, path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_zip(path, packages.zip_of_wheels(packages.download(lines, packages.GLUE, Path(folder))))


def _write_function(out: Path, lines: str, sources: Entries, path: Path) -> None:
    """The functions share their packages, which are downloaded once."""
    folder = out / "wheels" / packages.inputs_digest(lines, packages.FUNCTIONS)[:16]
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
            packages.download(lines, packages.FUNCTIONS, Path(unfinished))
            shutil.copytree(unfinished, folder)
    write_zip(path, {**packages.unpacked(sorted(folder.glob("*.whl"))), **sources})


def _write_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _write_folder(folder: Path, entries: Entries) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in entries.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content_of(content))


def _remove_others(out: Path, current: set[str]) -> None:
    """A function or wheel of another version must not be taken for one of this build."""
    for folder in (ENGINE_FOLDER, BUNDLE_FOLDER, FUNCTIONS_FOLDER):
        for path in (out / folder).glob("*"):
            if path.relative_to(out).as_posix() not in current:
                path.unlink()


def _manifest(out: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}
