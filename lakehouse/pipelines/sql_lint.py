"""SQL files against the grammar of Spark SQL, by sqlglot.

Apart from the reader, which also runs where sqlglot is not: in Airflow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from lakehouse.pipelines.model import Job
from lakehouse.pipelines.sql import Statement, statements, word
from lakehouse.pipelines.sql_guard import refusals
from lakehouse.pipelines.sql_tokens import SqlError
from lakehouse.reading.faults import Collector
from lakehouse.reading.text import read_text

WANTED = "a query of Spark SQL"
WANTED_TABLE = "<layer>.<table>, or a name of the query's own WITH"


def check_sql(jobs: Sequence[Job], faults: Collector) -> None:
    """Notes each statement whose query is no Spark SQL, or reads what is no table of a layer."""
    for file in dict.fromkeys(p.file for job in jobs for p in job.procs if p.file.endswith(".sql")):
        for statement in _statements(faults.root / file):
            _check(statement, faults.root / file, faults)


def _statements(file: Path) -> list[Statement]:
    """Those with a query; none of a file that cannot be read: the reader has noted why."""
    text = read_text(file, Collector(file.parent))
    try:
        return [s for s in statements(text or "") if s.query]
    except SqlError:
        return []


def _check(statement: Statement, file: Path, faults: Collector) -> None:
    def note(what: str, line: int, wanted: str = WANTED, value: str = "", among: Sequence[str] = ()) -> None:
        at = (statement.begins + line - 1, 0)
        faults.add(
            "LK322", f"{statement.table}: {what}", file=file, at=at, wanted=wanted, value=value, among=among
        )

    aliases: list[str] = []
    try:
        query = sqlglot.parse_one(statement.query, dialect="spark")
        aliases = [cte.alias for cte in query.find_all(exp.CTE)]
    except ParseError as e:
        first: dict[str, Any] = e.errors[0] if e.errors else {}
        near = f" at '{first['highlight']}'" if first.get("highlight") else ""
        # What follows is how the parser itself is built.
        message = re.sub(r"( for| but got)? <.*", "", str(first.get("description") or e), flags=re.DOTALL)
        note(f"is no SQL{near}: {message}", int(first.get("line") or 1))
    except SqlglotError as e:
        note(str(e).splitlines()[0], 1)
    except RecursionError:
        note("is nested too deep", 1)
    else:
        if not isinstance(query, exp.Query):
            note("is no query", 1)
            return
        for name, line in _strangers(query, statement):
            note(f"reads '{name}', which is no table of a layer", line, WANTED_TABLE, name, statement.reads)
    finally:
        for refusal in refusals(statement.query, aliases):
            note(refusal.message, refusal.line, refusal.expected)


def _strangers(query: Any, statement: Statement) -> Iterator[tuple[str, int]]:
    """(name, line) of each table that the query is not given: a catalog's, a file's, or one without its
    layer.
    """
    names = {word(table) for table in statement.reads} | {
        cte.alias.lower() for cte in query.find_all(exp.CTE)
    }
    for table in query.find_all(exp.Table):
        # A function that gives rows, such as range(10), is a table to sqlglot, and so is what a hint names.
        if (
            not table.find_ancestor(exp.Hint)
            and isinstance(table.this, exp.Identifier | exp.Dot)
            and (table.db or table.name.lower() not in names)
        ):
            name = ".".join(part.name for part in table.parts)
            yield name, int(next(table.find_all(exp.Identifier)).meta.get("line", 1))
