"""A proc's SQL file: what it reads and writes, and whether it can be taken at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from lakehouse.pipelines.model import Proc
from lakehouse.pipelines.params import Param
from lakehouse.pipelines.sql import GIVEN, Statement, read_statements
from lakehouse.reading.faults import Collector
from lakehouse.reading.text import read_text

MOST_CHARACTERS = 1_000_000


Note = Callable[[str, str, str, list[str]], None]


def located(
    proc: Proc, folder: Path, path: str, params: tuple[Param, ...], faults: Collector, note: Note
) -> Proc:
    """The proc with the SQL file `path` of the pipeline's folder; `note` (code, what, wanted, among) is told
    of one that cannot be.
    """
    with_path, file = replace(proc, path=path), folder / path
    if not file.resolve().is_relative_to(folder.resolve()):
        note("LK309", f"'{path}' leaves the pipeline's folder", "a path inside it", [])
    elif not file.is_file():
        beside = [p.name for p in file.parent.glob("*.sql")] if file.parent.is_dir() else []
        note("LK308", f"'{path}' does not exist", "a SQL file of the pipeline", beside)
    else:
        return tables_of(replace(with_path, file=faults.relative(file)), params, faults)
    return with_path


def tables_of(proc: Proc, params: Iterable[Param], faults: Collector) -> Proc:
    """The proc with the tables that its SQL file names."""
    file = faults.root / proc.file
    parsed = _read(file, faults)
    names = [p.name for p in params if not p.secure]
    for statement in parsed:
        for name in statement.params:
            if name not in (*names, *GIVEN):
                at, among = (statement.line, 0), [*names, *GIVEN]
                message = f"asks for parameter ':{name}', which its job does not have"
                faults.add(
                    "LK322",
                    message,
                    file=file,
                    at=at,
                    wanted="a parameter that is no secret, or :run_date",
                    value=name,
                    among=among,
                )
    written = tuple(dict.fromkeys(s.table for s in parsed if s.table))
    # What a statement makes, the next ones may read.
    reads = tuple(dict.fromkeys(t for s in parsed for t in s.reads if t not in written))
    databases = tuple(sorted({s.layer for s in parsed if not s.table}))
    catalogs = tuple(sorted({c for s in parsed for c in s.catalogs}))
    return replace(proc, reads=reads, writes=written, databases=databases, catalogs=catalogs)


def _read(file: Path, faults: Collector) -> list[Statement]:
    text = read_text(file, faults)
    if text is None:
        return []
    if len(text) > MOST_CHARACTERS:
        expected = f"at most {MOST_CHARACTERS}"
        faults.add("LK322", f"has {len(text)} characters", file=file, at=(1, 0), wanted=expected)
        return []
    parsed, errors = read_statements(text)
    for e in errors:
        faults.add("LK322", str(e), file=file, at=(e.line, 0), wanted=e.wanted)
    for i, statement in enumerate(parsed):
        if statement.table and any(s.table == statement.table for s in parsed[:i]):
            message = f"makes {statement.table} a second time"
            faults.add(
                "LK322",
                message,
                file=file,
                at=(statement.line, 0),
                wanted="each table once",
                value=statement.table,
            )
    return parsed
