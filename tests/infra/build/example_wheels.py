"""Two packages as an index would give them."""

from __future__ import annotations

from pathlib import Path

from infra.build.archive import write_zip


def example_wheels(folder: Path) -> list[Path]:
    """Writes the wheels of two packages, `zeta` and `alpha_beta`, into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, version in (("zeta", "1.0"), ("alpha_beta", "2.1")):
        info = f"{name}-{version}.dist-info"
        path = folder / f"{name}-{version}-py3-none-any.whl"
        entries = {
            f"{name}/__init__.py": b"X = 1\n",
            f"{info}/METADATA": b"Name: x\n",
            f"{info}/RECORD": b"x\n",
        }
        write_zip(path, entries)
        files.append(path)
    return files
