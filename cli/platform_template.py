"""Where the templates of the platform are: beside its packages in a checkout, inside its wheel elsewhere."""

from __future__ import annotations

from pathlib import Path

import typer


def platform_template(name: str) -> Path:
    """The folder templates/<name>, which holds a copier.yml. Raises BadParameter when the installation lacks it."""
    folder = Path(__file__).resolve().parents[1] / "templates" / name
    if not (folder / "copier.yml").is_file():
        raise typer.BadParameter(f"this installation of the platform holds no templates/{name}")
    return folder
