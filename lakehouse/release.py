"""A release: an engine and a bundle that are deployed together, each named by the digest of its content."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from lakehouse.digest import digest_of
from lakehouse.environments.prefixes import CODE

ENTRYPOINT = "run.py"
DEPENDENCIES = "dependencies.gluewheels.zip"
BUNDLE = "project.zip"
# A job writes the release that it runs beside the project's files, where whoever asks for the project finds
# it.
FILE = "release.json"
DIRTY = "-dirty"


@dataclass(frozen=True)
class Release:
    """`engine` and `bundle`: content digests, empty when the code runs from a working tree.

    `commit`: the git commit of the project, with `-dirty` when files differ from it. `platform`: the
    platform's version. `created_at`: ISO 8601 in UTC.
    """

    engine: str = ""
    bundle: str = ""
    commit: str = ""
    platform: str = ""
    created_at: str = ""

    @property
    def digest(self) -> str:
        """Names the release. Commit and time are no part of it: the same content is the same release."""
        return digest_of({"engine": self.engine.encode(), "bundle": self.bundle.encode()})

    @property
    def is_dirty(self) -> bool:
        return self.commit.endswith(DIRTY) or not self.commit

    def to_json(self) -> str:
        return json.dumps({"release": self.digest, **asdict(self)}, indent=1) + "\n"

    @classmethod
    def parse(cls, text: str | bytes) -> Release:
        """Reads what `to_json` wrote. Raises ValueError for anything else."""
        document = json.loads(text)
        if not isinstance(document, dict):
            raise ValueError("a release is a JSON object")
        fields = {name: str(document.get(name, "")) for name in cls.__dataclass_fields__}
        release = cls(**fields)
        if document.get("release") != release.digest:
            raise ValueError("the digests of engine and bundle are not those of the release")
        return release


def engine_key(engine: str, file: str) -> str:
    """The S3 key of a file of an engine: its wheel, its entrypoint or its dependencies."""
    return f"{CODE}/engine/{engine}/{file}"


def bundle_key(bundle: str) -> str:
    """The S3 key of a bundle."""
    return f"{CODE}/bundle/{bundle}/{BUNDLE}"


def release_key(release: str) -> str:
    """The S3 key of a release's manifest. Without a digest: the prefix of all of them."""
    return f"{CODE}/releases/{release}.json" if release else f"{CODE}/releases/"


def running_release(root: Path) -> Release:
    """The release of the project at `root`: its release.json in a deployed job, else its git commit alone."""
    try:
        return Release.parse((root / FILE).read_bytes())
    except OSError:
        return Release(commit=git_commit(root))


@cache
def git_commit(root: Path) -> str:
    """The commit of the folder, with `-dirty` when one of its files differs from it.

    Empty outside a repository or without git.
    """
    if shutil.which("git") is None:
        return ""
    commit = _git(root, "rev-parse", "HEAD")
    if not commit:
        return ""
    return commit + (DIRTY if _git(root, "status", "--porcelain", "--", ".") else "")


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
