"""The parts of a build: what each is built from, and how."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.build import packages
from infra.build.archive import write_zip
from infra.build.bundle import bundle_entries
from infra.build.dags import dag_entries
from infra.build.functions import function_names, function_sources
from infra.build.wheel import wheel_entries, wheel_name
from lakehouse.digest import Entries, content_of, digest_of
from lakehouse.release import BUNDLE, DEPENDENCIES, ENTRYPOINT

ENGINE_FOLDER, BUNDLE_FOLDER, DAGS_FOLDER, FUNCTIONS_FOLDER = "engine", "bundle", "airflow/dags", "functions"
# Where Managed Airflow finds its files in the artifacts bucket.
AIRFLOW, DAGS_PREFIX = "airflow", "airflow/dags"


@dataclass(frozen=True)
class Part:
    """One part of a build: how it is built at a path, and the digest of its sources."""

    path: str
    inputs: str
    write: Callable[[Path], None]


def function_path(name: str) -> str:
    """The path of a function's zip below .build/."""
    return f"{FUNCTIONS_FOLDER}/{name}.zip"


def release_parts(root: Path, source_root: Path | None) -> list[Part]:
    """The engine's three files and the project's bundle."""
    wheel, bundle = wheel_entries(source_root), bundle_entries(root)
    entrypoint = content_of(wheel[f"glue_jobs/{ENTRYPOINT}"])
    glue = packages.requirements(packages.GLUE)
    return [
        Part(f"{ENGINE_FOLDER}/{wheel_name()}", digest_of(wheel), lambda path: write_zip(path, wheel)),
        Part(
            f"{ENGINE_FOLDER}/{DEPENDENCIES}",
            packages.inputs_digest(glue, packages.GLUE),
            lambda path: _write_wheels(glue, path),
        ),
        Part(
            f"{ENGINE_FOLDER}/{ENTRYPOINT}",
            digest_of({ENTRYPOINT: entrypoint}),
            lambda path: _write_file(path, entrypoint),
        ),
        Part(f"{BUNDLE_FOLDER}/{BUNDLE}", digest_of(bundle), lambda path: write_zip(path, bundle)),
    ]


def stack_parts(root: Path, out: Path, source_root: Path | None) -> list[Part]:
    """What Terraform uploads: the DAG folder and the functions."""
    dags = dag_entries(root, source_root)
    folder = Part(DAGS_FOLDER, digest_of(dags), lambda path: _write_folder(path, dags))
    return [folder, *_function_parts(out, source_root)]


def _function_parts(out: Path, source_root: Path | None) -> list[Part]:
    lines = packages.requirements(packages.FUNCTIONS)
    requirements = packages.inputs_digest(lines, packages.FUNCTIONS)
    parts = []
    for name in function_names(source_root):
        sources: dict[str, bytes | Path] = dict(function_sources(name, source_root))
        inputs = digest_of({**sources, "requirements": requirements.encode()})

        def write(path: Path, sources: Entries = sources) -> None:
            _write_function(out, lines, sources, path)

        parts.append(Part(function_path(name), inputs, write))
    return parts


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
