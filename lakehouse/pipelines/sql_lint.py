"""SQL files against the grammar of Spark SQL, by sqlglot.

Apart from the reader, which also runs where sqlglot is not: in Airflow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from lakehouse.pipelines.model import Job
from lakehouse.pipelines.sql import Statement, read_statements, word
from lakehouse.pipelines.sql_guard import refusals
from lakehouse.pipelines.sql_nodes import foreign_nodes
from lakehouse.pipelines.sql_regexes import foreign_regexes
from lakehouse.pipelines.sql_scope import is_own_query, missing_windows
from lakehouse.pipelines.sql_tree import tree_of
from lakehouse.reading.faults import Collector
from lakehouse.reading.text import read_text

WANTED = "a query of Spark SQL"
WANTED_TABLE = "<layer>.<table>, or a name of the query's own WITH"


def check_sql(jobs: Sequence[Job], faults: Collector) -> None:
    """Notes each statement whose query is no Spark SQL, or reads what is no table of a layer."""
    for file in dict.fromkeys(p.file for job in jobs for p in job.procs if p.file.endswith(".sql")):
        # A file that cannot be read or understood has its fault from the reader.
        check_text(read_text(faults.root / file, Collector(faults.root)) or "", faults.root / file, faults)


def check_text(text: str, file: Path, faults: Collector) -> None:
    """Notes what is wrong with the queries of a file's text."""
    for statement in readable_statements(text):
        _check(statement, text, file, faults)


def readable_statements(text: str) -> list[Statement]:
    """The statements of a file that are understood and have a query."""
    return [s for s in read_statements(text)[0] if s.query]


def _check(statement: Statement, text: str, file: Path, faults: Collector) -> None:
    query = statement.query

    def note(
        message: str, offset: int, wanted: str = WANTED, value: str = "", among: Sequence[str] = ()
    ) -> None:
        at, message = statement.position(text, offset), f"{statement.table}: {message}"
        faults.add("LK322", message, file=file, at=at, wanted=wanted, value=value, among=among)

    aliases: list[str] = []
    try:
        tree = tree_of(query)
        aliases = [cte.alias for cte in tree.find_all(exp.CTE)]
    except ParseError as e:
        first: dict[str, Any] = e.errors[0] if e.errors else {}
        near = f" at '{first['highlight']}'" if first.get("highlight") else ""
        # What follows is how the parser itself is built.
        message = re.sub(r"( for| but got)? <.*", "", str(first.get("description") or e), flags=re.DOTALL)
        note(f"is no SQL{near}: {message}", _offset(query, first))
    except SqlglotError as e:
        note(str(e).splitlines()[0], 0)
    except RecursionError:
        note("is nested too deep", 0)
    else:
        if not isinstance(tree, exp.Query):
            note("is no query", 0)
        for name, offset in _strangers(tree, statement):
            note(f"reads '{name}', which is no table of a layer", offset, WANTED_TABLE, name, statement.reads)
        for refusal in [*foreign_nodes(tree), *missing_windows(tree), *foreign_regexes(tree)]:
            note(refusal.message, refusal.offset, refusal.expected)
    finally:
        for refusal in refusals(query, aliases):
            note(refusal.message, refusal.offset, refusal.expected)


def _offset(query: str, error: dict[str, Any]) -> int:
    """The offset of the word that the parser complains of; its column is where that word ends."""
    line, column = int(error.get("line") or 1), int(error.get("col") or 1)
    start = sum(len(text) + 1 for text in query.split("\n")[: line - 1])
    return max(0, start + column - len(str(error.get("highlight") or "")))


def _strangers(query: Any, statement: Statement) -> Iterator[tuple[str, int]]:
    """(name, offset) of each table that the query is not given: a catalog's, a file's, or one without its
    layer.
    """
    names = {word(table) for table in statement.reads}
    for table in query.find_all(exp.Table):
        # A function that gives rows, such as range(10), is a table to sqlglot, and so is what a hint names.
        if (
            not table.find_ancestor(exp.Hint)
            and isinstance(table.this, exp.Identifier | exp.Dot)
            and (table.db or not (table.name.lower() in names or is_own_query(table)))
        ):
            if table.name.upper() == "TABLE" and table.alias.lower() in names:
                continue  # `TABLE name` is a query of all its rows
            name = ".".join(part.name for part in table.parts)
            yield name, int(next(table.find_all(exp.Identifier)).meta.get("start", 0))
