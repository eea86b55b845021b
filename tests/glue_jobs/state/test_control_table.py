"""Conditional puts: who won, also when the reply was lost."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glue_jobs.state.control_table import TOKEN, ConflictError, ControlTable
from glue_jobs.state.item_codec import decode, encode
from lakehouse.environments import Environment
from lakehouse.environments.names import Control


def test_put_whose_reply_was_lost_counts_as_won(lossy: Any) -> None:
    table, pk = ControlTable(lossy.env, Control.WATERMARKS), uuid.uuid4().hex
    lossy.lose_replies("PutItem")
    first = table.create({"pk": pk, "n": 1})
    assert len(lossy.fired) == 1
    lossy.lose_replies("PutItem")
    table.replace(first, {"pk": pk, "n": 2})
    assert len(lossy.fired) == 2
    current = table.get(pk)
    assert current is not None
    assert current["n"] == 2


def test_put_whose_every_reply_was_lost_counts_as_won(lossy: Any) -> None:
    table, pk = ControlTable(lossy.env, Control.WATERMARKS), uuid.uuid4().hex
    lossy.lose_replies("PutItem", times=100)
    put = table.create({"pk": pk})
    assert len(lossy.fired) > 1
    current = table.get(pk)
    assert current is not None
    assert current[TOKEN] == put[TOKEN]


def test_put_that_never_arrived_is_an_error_and_changes_nothing(lossy: Any) -> None:
    table, pk = ControlTable(lossy.env, Control.WATERMARKS), uuid.uuid4().hex
    lossy.refuse("dynamodb", "PutItem")
    with pytest.raises(Exception, match="InternalFailure"):
        table.create({"pk": pk})
    assert table.get(pk) is None


def test_put_over_another_version_names_what_is_there(aws_env: Environment) -> None:
    table, pk = ControlTable(aws_env, Control.WATERMARKS), uuid.uuid4().hex
    first = table.create({"pk": pk, "n": 1})
    table.replace(first, {"pk": pk, "n": 2})
    with pytest.raises(ConflictError) as conflict:
        table.replace(first, {"pk": pk, "n": 3})
    assert conflict.value.current is not None
    assert conflict.value.current["n"] == 2
    with pytest.raises(ConflictError):
        table.create({"pk": pk, "n": 4})


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.text()
    | st.floats(-1e15, 1e15).filter(lambda x: x == 0 or abs(x) > 1e-15),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1), VALUES, max_size=4))
def test_item_comes_back_as_it_went_in(item: dict[str, Any]) -> None:
    assert decode(encode(item)) == item
