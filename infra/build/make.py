"""Builds what is deployed, each part only when its inputs have changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.build.archive import sha256_of
from infra.build.parts import BUNDLE_FOLDER, ENGINE_FOLDER, FUNCTIONS_FOLDER, Part, release_parts, stack_parts
from lakehouse.digest import digest_of

FOLDER = ".build"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class BuiltPart:
    """A file or folder below .build/: the digest of its inputs, and of its bytes.

    `fresh`: it was built by this call.
    """

    path: str
    inputs: str
    sha256: str
    fresh: bool


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
    release = release_parts(root, source_root)
    parts = [*(release if with_release else []), *stack_parts(root, out, source_root)]
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
    parts = release_parts(root, None)
    return all(recorded.get(p.path, {}).get("inputs") == p.inputs and (out / p.path).exists() for p in parts)


def _build(out: Path, part: Part, recorded: dict[str, str]) -> BuiltPart:
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


def _remove_others(out: Path, current: set[str]) -> None:
    """Removes functions and wheels of other versions, so that none is taken for one of this build."""
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
