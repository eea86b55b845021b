"""The form of a table: a digest of the query or function that makes it, and of its contract.

A table whose rows were made by two forms is no table of either: a run says so until it is made anew.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable, Mapping
from datetime import date
from types import CodeType
from typing import Any

from pyspark.sql import DataFrame

from glue_jobs.sql_query import Query
from lakehouse.contracts import Contract
from lakehouse.pipelines.sql_tokens import split_tokens

# Key of a position: digest → the logical date of the first batch that was written in that form.
MADE_BY = "made_by"
_DIGITS = 16
# A table that nobody makes anew gathers no more forms than this.
_MOST_FORMS = 20
_PLAIN = (str, int, float, bool, bytes, tuple, list, dict, set, frozenset, date, type(None))


def form_of(function: Callable[..., DataFrame], contract: Contract) -> str:
    """A digest of what decides the rows of a table beside its inputs: 16 hexadecimal digits.

    Comments, docstrings and layout do not count. What a function calls in its own module does.
    """
    calculation = _query(function) if isinstance(function, Query) else _function(function, set())
    parts = json.dumps([calculation, _contract(contract)], sort_keys=True, default=str)
    return hashlib.sha256(parts.encode()).hexdigest()[:_DIGITS]


def forms_after(position: Any, form: str, run_date: date, *, anew: bool) -> dict[str, str]:
    """The forms of a table's rows after a batch of `form`; `anew`: after it the table has no other rows."""
    first = {form: run_date.isoformat()}
    return first if anew else dict([*{**first, **forms(position)}.items()][-_MOST_FORMS:])


def forms(position: Any) -> dict[str, str]:
    """The forms of a table's rows; none where the position is of an earlier release."""
    return dict(position.get(MADE_BY) or {}) if isinstance(position, Mapping) else {}


def other_form_since(position: Any, form: str) -> str:
    """The logical date since which rows of another form than `form` are in the table; empty without such."""
    return min((day for digest, day in forms(position).items() if digest != form), default="")


def _query(query: Query) -> str:
    return "\n".join(" ".join(t.text for t in tokens) for tokens in split_tokens(query.statement.query))


def _function(function: Callable[..., Any], known: set[str]) -> str:
    """The source of a function without comments, and of what it names in its module, each once."""
    inner = inspect.unwrap(function)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inner)))
    except (OSError, TypeError, SyntaxError):
        code = getattr(inner, "__code__", None)
        return _code(code) if isinstance(code, CodeType) else repr(inner)
    named = sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - known)
    known |= set(named)
    namespace = getattr(inner, "__globals__", {})
    parts = [ast.unparse(_without_docstrings(tree))]
    for name in named:
        value = namespace.get(name)
        if inspect.isfunction(value) and value.__globals__ is namespace and value is not inner:
            parts.append(_function(value, known))
        elif name in namespace and isinstance(value, _PLAIN):
            shown = sorted(map(repr, value)) if isinstance(value, set | frozenset) else repr(value)
            parts.append(f"{name} = {shown}")
    return "\n".join(parts)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _code(code: CodeType) -> str:
    """Of a function without a source file."""
    constants = [_code(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return repr((code.co_code.hex(), constants, code.co_names, code.co_varnames))


def _contract(contract: Contract) -> Any:
    """What of a contract decides which rows the table takes, and in what shape."""
    ignored = {"description", "examples", "x_lake"}
    columns = [
        [
            c.name,
            c.type,
            c.nullable,
            c.schema.model_dump(mode="json", exclude_none=True, exclude=ignored),
        ]
        for c in contract.columns
    ]
    lake = contract.lake
    keys = [lake.write, lake.primary_key, lake.business_key, lake.tracked, lake.sequence, lake.recompute_by]
    return [columns, keys, lake.unknown_member]
