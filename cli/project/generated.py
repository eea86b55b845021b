"""Files that are generated from facts and models: `make docs` writes them, `make check` compares them with
their sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit code 1 when a file is not what it would be.")
]


def write_or_check(root: Path, texts: Mapping[str, str], command: str, *, check: bool) -> None:
    """Writes each text to its path below `root`, or exits with 1 and `command`, which would write what
    differs.
    """
    if not check:
        for path, text in texts.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            typer.echo(path)
        return
    outdated = [path for path, text in texts.items() if _text(root / path) != text]
    for path in outdated:
        typer.echo(
            f"{path} is not what the facts say; `{command}` writes it, and `make docs` all such files",
            err=True,
        )
    if outdated:
        raise typer.Exit(1)


def _text(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None
