"""The release of a working tree, which is known before its parts are built."""

from __future__ import annotations

from pathlib import Path

from infra.build import packages
from infra.build.bundle import bundle_entries
from infra.build.wheel import wheel_entries, wheel_name
from lakehouse import __version__
from lakehouse.digest import digest_of
from lakehouse.release import DEPENDENCIES, ENTRYPOINT, Release, git_commit

# The variables of the program that Terraform starts to upload a release: which Python runs it, and which
# key encrypts.
PYTHON_VARIABLE, KMS_KEY_VARIABLE = "LAKEHOUSE_PYTHON", "LAKEHOUSE_KMS_KEY"


def working_release(root: Path, source_root: Path | None = None) -> Release:
    """The release of the project at `root` and the platform in `source_root` (default: the installed one)."""
    return Release(
        engine=engine_digest(source_root),
        bundle=digest_of(bundle_entries(root)),
        commit=git_commit(root.resolve()),
        platform=__version__,
    )


def engine_digest(source_root: Path | None = None) -> str:
    """The digest of the engine's inputs: its packages, its pinned dependencies and their machine."""
    dependencies = packages.inputs_digest(packages.requirements(packages.GLUE), packages.GLUE)
    return digest_of({**wheel_entries(source_root), DEPENDENCIES: dependencies.encode()})


def engine_files(release: Release) -> tuple[str, ...]:
    """The files of a release's engine, as they are called in the bucket and below .build/engine/."""
    return wheel_name(release.platform), DEPENDENCIES, ENTRYPOINT
