"""Finds what of a transform's Python reads the clock or chance.

Two runs of one input must give the same rows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from lakehouse.pipelines.model import Job
from lakehouse.pipelines.sql_functions import REFUSED
from lakehouse.pipelines.sql_guard import refusals
from lakehouse.pipelines.sql_special_dates import CASTING, is_clock_text
from lakehouse.reading.faults import Collector
from lakehouse.reading.text import read_text

WANTED = "the logical date, which the function takes as run_date"
FUNCTIONS = "pyspark.sql.functions"
_CLOCK, _CHANCE = (
    "reads the clock; a run has its logical date, :run_date",
    "gives another value in each run",
)
# Functions of Spark that read the clock or chance.
_SPARK = frozenset([*REFUSED[_CLOCK], *REFUSED[_CHANCE]])
# Names of Python by the module that they come from.
_PYTHON = """
datetime.date.today datetime.datetime.now datetime.datetime.today datetime.datetime.utcnow os.urandom
pandas.Timestamp.now pandas.Timestamp.today pandas.Timestamp.utcnow time.ctime time.gmtime time.localtime
time.monotonic time.perf_counter time.time time.time_ns uuid.uuid1 uuid.uuid4
"""
_NAMES = frozenset(_PYTHON.split())
_MODULES = ("numpy.random.", "random.", "secrets.")
# With a seed these give the same values each time.
_SEEDED = frozenset(["numpy.random.Generator", "numpy.random.default_rng", "random.Random"])
_LITERAL = f"{FUNCTIONS}.lit"
_CASTS = frozenset(["astype", "cast", "try_cast"])
# A text has no order to a column of texts that anybody would ask for: these are days.
_ORDERING = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
# Method → how many arguments it has before its seed.
_SAMPLING = {"randomSplit": 1, "sample": 1, "sampleBy": 2}
# Methods that take SQL as text.
_SQL_METHODS = frozenset(["expr", "filter", "selectExpr", "sql", "where"])


def check_clocks(jobs: Sequence[Job], faults: Collector) -> None:
    """Notes LK343 for each place of the jobs' Python files that reads the clock or chance."""
    for path in dict.fromkeys(p.file for job in jobs for p in job.procs if p.file.endswith(".py")):
        file = faults.root / path
        text = read_text(file, Collector(faults.root))
        try:
            tree = ast.parse(text or "")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # LK323 says so
        for node, name in _readings(tree):
            _note(name, (node.lineno, node.col_offset + 1), file, faults)


def _note(name: str, at: tuple[int, int], file: Path, faults: Collector) -> None:
    message = f"{name} gives another value in each run"
    faults.add("LK343", message, file=file, at=at, wanted=WANTED, value=name)


def _readings(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """(where, what) of each reading."""
    imported = dict(_imports(tree))
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and id(node) not in inner:
            name = _dotted(node, imported)
            if name and _is_reading(name):
                yield node, name
        elif isinstance(node, ast.Call):
            yield from _of_call(node, _dotted(node.func, imported))
            yield from _of_cast(node, imported)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], _ORDERING):
            yield from _clock_texts([node.left, *node.comparators])


def _of_call(call: ast.Call, name: str) -> Iterator[tuple[ast.expr, str]]:
    if name == f"{FUNCTIONS}.unix_timestamp" and not call.args and not call.keywords:
        yield call, name
    if name in _SEEDED and not call.args and not call.keywords:
        yield call, name
    if _samples(call) and not name.startswith(_MODULES):
        yield call.func, f"{_method(call)} without a seed"
    if name.rpartition(".")[2] in _SQL_METHODS or _method(call) in _SQL_METHODS:
        for argument in call.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                for refusal in refusals(argument.value):
                    if "clock" in refusal.message or _CHANCE in refusal.message:
                        yield argument, refusal.message.removeprefix("calls ").split(",")[0]


def _of_cast(call: ast.Call, imported: dict[str, str]) -> Iterator[tuple[ast.expr, str]]:
    """Texts that Spark casts to the time of the run, such as F.lit("now").cast("timestamp")."""
    cast = [call.func.value] if isinstance(call.func, ast.Attribute) and call.func.attr in _CASTS else []
    module, _, last = _dotted(call.func, imported).rpartition(".")
    if module == FUNCTIONS and last in CASTING:
        cast += call.args
    if isinstance(call.func, ast.Attribute) and call.func.attr == "between":
        yield from _clock_texts(call.args)
    literals = [n for n in cast if isinstance(n, ast.Call) and _dotted(n.func, imported) == _LITERAL]
    yield from _clock_texts([argument for literal in literals for argument in literal.args])


def _clock_texts(nodes: Sequence[ast.expr]) -> Iterator[tuple[ast.expr, str]]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_clock_text(node.value):
            yield node, f"'{node.value}' as a time"


def _samples(call: ast.Call) -> bool:
    """Whether a method of a DataFrame chooses rows by chance, and no argument can be its seed."""
    seeded = any(keyword.arg in ("seed", "random_state", None) for keyword in call.keywords)
    return not seeded and len(call.args) + len(call.keywords) <= _SAMPLING.get(_method(call), -1)


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _is_reading(name: str) -> bool:
    if name in _SEEDED:
        return False
    module, _, last = name.rpartition(".")
    return (module == FUNCTIONS and last in _SPARK) or name in _NAMES or name.startswith(_MODULES)


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(name in the file, dotted name of what it is) of each import, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (
                    alias.asname or alias.name.split(".")[0],
                    alias.name if alias.asname else (alias.name.split(".")[0]),
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _dotted(node: ast.expr, imported: dict[str, str]) -> str:
    """The dotted name of an expression whose first name is imported; empty for any other."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in imported:
        return ""
    return ".".join([imported[node.id], *reversed(parts)])
