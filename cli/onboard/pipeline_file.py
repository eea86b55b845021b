"""The pipeline.yml that ingests tables and judges them."""

from __future__ import annotations

import re
from pathlib import Path

import typer

FILE = "pipeline.yml"


def pipeline_text(pipeline: str, table: str, owner: str, address: str) -> str:
    """A pipeline with two jobs: an ingest of the table, and the gate that judges it."""
    return f"""owner: {owner}
notification_email: "{address}"
schedule: 0 6 * * *
jobs:
  {pipeline}_ingest: {{ingest: [{table}]}}
  {pipeline}_gate: {{gate: [{table}]}}
"""


def with_table(file: Path, table: str) -> str:
    """The text of a pipeline.yml whose first ingest and whose gate of bronze tables have one table more.

    Raises BadParameter for a file that has neither on a line of its own, as onboard writes them.
    """
    text = file.read_text(encoding="utf-8")
    for key in ("ingest", "gate"):
        line = re.compile(rf"^(  \w+: \{{{key}: \[bronze\.[\w., ]*)(\].*)$", re.MULTILINE)
        text, changed = line.subn(rf"\g<1>, {table}\g<2>", text, count=1)
        if not changed:
            raise typer.BadParameter(
                f"{file.name} has no job '{{{key}: [bronze.…]}}' to add {table} to: add it there by hand"
            )
    return text
