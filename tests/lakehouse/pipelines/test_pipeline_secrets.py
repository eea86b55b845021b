"""A secret that a parameter holds in the clear is refused, and no message shows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lakehouse.pipelines.loans import Tree
from tests.lakehouse.pipelines.pipeline_fault_cases import PARAM

SECRET = "S3cr3t-insecure,|\x07"


def secret_in_the_clear(tree: Tree) -> None:
    tree.set("param", 10, "param_value", SECRET)


def secret_of_another_type(tree: Tree) -> None:
    secret_in_the_clear(tree)
    tree.set("param", 10, "param_type", "int")


def secret_in_a_ragged_row(tree: Tree) -> None:
    secret_in_the_clear(tree)
    tree.param[9].append("more")


def secret_without_a_header(tree: Tree) -> None:
    secret_in_the_clear(tree)
    tree.param = tree.param[9:]


def secret_with_a_broken_mark(tree: Tree) -> None:
    secret_in_the_clear(tree)
    tree.set("param", 10, "secure", "Yess")


SECRETS = [
    secret_in_the_clear,
    secret_of_another_type,
    secret_in_a_ragged_row,
    secret_without_a_header,
    secret_with_a_broken_mark,
]


@pytest.mark.parametrize("change", SECRETS, ids=lambda c: c.__name__)
def test_a_secret_in_the_clear_is_refused_and_shown_nowhere(
    change: Callable[[Tree], None], tmp_path: Path
) -> None:
    tree = Tree(tmp_path)
    change(tree)
    faults = tree.faults()
    assert faults
    assert all(f.file == PARAM for f in faults)
    assert not any("S3cr3t" in str(f) or "S3cr3t" in str(f.as_dict()) for f in faults)
