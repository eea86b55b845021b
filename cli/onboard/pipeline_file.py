"""The pipeline.yml that ingests tables and judges them."""

from __future__ import annotations

import re
from pathlib import Path

import typer

FILE = "pipeline.yml"


def pipeline_text(pipeline: str, table: str, owner: str, address: str, topic: str = "") -> str:
    """A pipeline with two jobs: one that fills the table, and the gate that judges it.

    `topic`: of a table that a stream fills; else an ingest does.
    """
    source = f"kafka_source: {{topic: {topic}, starting_offsets: earliest}}\n" if topic else ""
    work = f"{pipeline}_stream: {{stream" if topic else f"{pipeline}_ingest: {{ingest"
    return f"""owner: {owner}
notification_email: "{address}"
schedule: 0 6 * * *
{source}jobs:
  {work}: [{table}]}}
  {pipeline}_gate: {{gate: [{table}]}}
"""


def with_table(file: Path, table: str, *, streams: bool = False) -> str:
    """The text of a pipeline.yml whose first ingest and whose gate of bronze tables have one table more.

    Raises BadParameter for a file that has neither on a line of its own, as onboard writes them, and for a
    table that a stream fills: the streams of a file share one topic.
    """
    if streams:
        raise typer.BadParameter(f"{table} is filled by a stream; wanted --pipeline with a name of its own")
    text = file.read_text(encoding="utf-8")
    for key in ("ingest", "gate"):
        line = re.compile(rf"^(  \w+: \{{{key}: \[bronze\.[\w., ]*)(\].*)$", re.MULTILINE)
        text, changed = line.subn(rf"\g<1>, {table}\g<2>", text, count=1)
        if not changed:
            raise typer.BadParameter(
                f"{file.name} has no job '{{{key}: [bronze.…]}}' to add {table} to: add it there by hand"
            )
    return text
