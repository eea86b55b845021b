"""Reads the functions of a project's Python file from its text: nothing is imported, no Spark is needed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lakehouse.reading.faults import Collector
from lakehouse.reading.text import read_text

WANTED = "Python that this platform's Python reads"


@dataclass(frozen=True)
class Parameter:
    """One parameter with its line and column, both from 1. `gathers` is `*args` or `**kwargs`."""

    name: str
    line: int
    column: int
    by_position: bool = False
    by_name: bool = False
    gathers: bool = False


@dataclass(frozen=True)
class Function:
    """A `def` at the top of a file; `line` and `column` are those of its name, from 1."""

    name: str
    line: int
    column: int
    parameters: tuple[Parameter, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.parameters)


def read_functions(file: Path, faults: Collector) -> dict[str, Function] | None:
    """Name → function; of two with one name the last, as Python has it.

    None with a noted fault: it is no Python.
    """
    text = read_text(file, faults)
    if text is None:
        return None
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        at = (error.lineno or 1, error.offset or 0)
        faults.add("LK323", f"is no Python: {error.msg}", file=file, at=at, wanted=WANTED)
        return None
    except (ValueError, RecursionError, MemoryError) as error:
        faults.add("LK323", f"is no Python: {str(error) or 'nested too deep'}", file=file, wanted=WANTED)
        return None
    return {node.name: _function(node) for node in tree.body if isinstance(node, ast.FunctionDef)}


def _function(node: ast.FunctionDef) -> Function:
    return Function(node.name, node.lineno, node.col_offset + 1 + len("def "), tuple(_parameters(node.args)))


def _parameters(arguments: ast.arguments) -> Iterator[Parameter]:
    def parameter(
        arg: ast.arg, *, by_position: bool = False, by_name: bool = False, gathers: bool = False
    ) -> Parameter:
        return Parameter(arg.arg, arg.lineno, arg.col_offset + 1, by_position, by_name, gathers)

    yield from (parameter(arg, by_position=True) for arg in arguments.posonlyargs)
    yield from (parameter(arg, by_position=True, by_name=True) for arg in arguments.args)
    yield from (parameter(arg, by_name=True) for arg in arguments.kwonlyargs)
    yield from (parameter(arg, gathers=True) for arg in (arguments.vararg, arguments.kwarg) if arg)
