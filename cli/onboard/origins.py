"""Opens what a person names: files, an S3 prefix, a table of Snowflake or a topic of Kafka."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cli.onboard.sample import OnboardError, Origin, Sample

S3, SNOWFLAKE, TOPIC = "s3://", "snowflake:", "topic:"
MOST_ROWS, SAMPLED_ROWS = 1_000_000, 10_000


@dataclass(frozen=True)
class Request:
    """What to read.

    `source`: the folder of the landing zone. `rows`: None for as many as is usual of the origin.
    """

    words: tuple[str, ...]
    table: str
    source: str | None
    env: str | None
    rows: int | None


def read_origin(request: Request) -> tuple[Origin, Sample]:
    """Where the rows come from, and what was read of them. Raises OnboardError and RunError."""
    remote = [word for word in request.words if word.startswith((S3, SNOWFLAKE, TOPIC))]
    if not remote:
        return _files(request)
    if len(request.words) > 1:
        raise OnboardError(f"'{remote[0]}' stands beside other sources; onboard one at a time")
    if not request.env:
        raise OnboardError(f"'{remote[0]}' is of an environment: name it with --env")
    from cli.common import live_environment

    env = live_environment(request.env)
    word = remote[0]
    if word.startswith(S3):
        from cli.onboard.s3_files import read_prefix

        return read_prefix(env, word, request.table, request.source, request.rows or MOST_ROWS)
    kind, _, name = word.partition(":")
    if not name:
        raise OnboardError(f"'{word}' names nothing; wanted {kind}:NAME")
    if kind == "snowflake":
        from cli.onboard.snowflake_table import read_table

        return read_table(env, name, request.table, request.rows or SAMPLED_ROWS)
    from cli.onboard.topic import read_topic

    return read_topic(env, name, request.table, request.rows or SAMPLED_ROWS)


def _files(request: Request) -> tuple[Origin, Sample]:
    from cli.onboard.files import read_files

    files = [Path(word) for word in request.words]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise OnboardError(f"no file {', '.join(missing)}")
    folder = request.source or request.table.partition(".")[2]
    put = f"lakehouse landing put {request.words[0]} --source {folder}"
    return landing(folder, put), read_files(files, request.rows or MOST_ROWS)


def landing(folder: str, *following: str) -> Origin:
    """A folder of the landing zone."""
    return Origin("landing", folder, f"Rows of the files below {folder}/, as they are.", next=following)
