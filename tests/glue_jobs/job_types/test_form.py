"""A digest of what makes a table: of its query or function, what this calls, and the contract."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from glue_jobs.job_types.form import form_of, forms_after, other_form_since
from glue_jobs.sql_query import Query
from lakehouse.pipelines.sql import statements
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import RUN_DATE

THINGS = contract()
MODULE = """
LIMIT = 5
UNUSED = 7


def low(rows):
    return rows.where(f"id < {LIMIT}")


def unrelated(rows):
    return rows


def things(*, silver_orders):
    return low(silver_orders).select("id")
"""


@pytest.fixture
def form(tmp_path: Path) -> Any:
    """The digest of `things` in a module of this text."""

    def of(text: str) -> str:
        file = tmp_path / f"m{len(list(tmp_path.iterdir()))}.py"
        file.write_text(text)
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return form_of(module.things, THINGS)

    return of


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('.select("id")', '.select("value")', False),
        ("LIMIT = 5", "LIMIT = 6", False),
        ('"id < {LIMIT}"', '"id <= {LIMIT}"', False),
        ("UNUSED = 7", "UNUSED = 8", True),
        ("    return rows\n", "    return rows.limit(1)\n", True),
        (
            '    return low(silver_orders).select("id")',
            '    """Low ones."""\n    return low(\n        silver_orders  # all\n    ).select("id")',
            True,
        ),
    ],
    ids=["its body", "a constant", "a function it calls", "another constant", "another function", "layout"],
)
def test_a_form_is_what_a_function_does(form: Any, old: str, new: str, same: bool) -> None:
    assert MODULE.count(old) == 1
    assert (form(MODULE) == form(MODULE.replace(old, new))) is same


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("SELECT id, value FROM silver.orders WHERE id > 5", True),
        ("SELECT id, value /* all */ FROM silver.orders\n  WHERE id > 5 -- five", True),
        ("SELECT id, value FROM silver.orders WHERE id > 6", False),
        ("SELECT id, value FROM silver.orders WHERE id > 5 AND value = 'a  b'", False),
    ],
)
def test_a_form_is_what_a_query_says(text: str, same: bool) -> None:
    def of(query: str) -> str:
        return form_of(Query(statements(f"CREATE OR REPLACE TABLE silver.things AS {query}")[0]), THINGS)

    assert (of("SELECT id, value FROM silver.orders WHERE id > 5") == of(text)) is same


def test_a_form_is_of_a_contract_too(form: Any) -> None:
    query = Query(statements("CREATE OR REPLACE TABLE silver.things AS SELECT id FROM silver.orders")[0])
    described = contract(owner="others")
    stricter = contract(properties={"id": {"type": "integer", "minimum": 1}})
    assert form_of(query, THINGS) == form_of(query, described)
    assert form_of(query, THINGS) != form_of(query, stricter)


def test_a_table_has_all_forms_that_its_rows_were_made_in_until_it_is_made_anew() -> None:
    first = {"made_by": forms_after(None, "a", RUN_DATE, anew=True)}
    second = {"made_by": forms_after(first, "b", RUN_DATE, anew=False)}
    back = {"made_by": forms_after(second, "a", RUN_DATE, anew=False)}
    assert [bool(other_form_since(p, "a")) for p in (first, second, back)] == [False, True, True]
    assert not other_form_since({"made_by": forms_after(back, "a", RUN_DATE, anew=True)}, "a")
    assert not other_form_since({"silver.orders": 7}, "a")
