"""`python -m infra.build.export [--check]`: writes the pinned requirements from the lock file.

A project that installs the platform has another lock file, or none: it builds with these files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from infra.build import packages
from lakehouse.platform_files import packages_root


def main(argv: Sequence[str]) -> int:
    """With `--check`: exit code 1 when a file is not what the lock file says."""
    root = packages_root()
    outdated = []
    for target in (packages.GLUE, packages.FUNCTIONS):
        file, lines = root / target.file, packages.exported_requirements(root, target)
        if not _is_current(file, lines, target):
            outdated.append(target.file)
            if "--check" not in argv:
                text = lines if target.locked else packages.with_hashes(lines, target)
                file.write_text(text, encoding="utf-8")
    if outdated and "--check" in argv:
        sys.stderr.write(f"{', '.join(outdated)} differ from uv.lock; `make docs` writes them\n")
        return 1
    return 0


def _is_current(file: Path, lines: str, target: packages.Target) -> bool:
    """Whether the file has the packages of the lock file, each with hashes."""
    if not file.is_file():
        return False
    text = file.read_text(encoding="utf-8")
    if target.locked:
        return text == lines
    pinned = packages.versions(text)
    return pinned == packages.versions(lines) and text.count("--hash=sha256:") >= len(pinned)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
