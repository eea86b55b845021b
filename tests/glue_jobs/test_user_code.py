"""Loading the functions that a team wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from glue_jobs.errors import RunError
from glue_jobs.user_code import load_module


def write(root: Path, text: str, file: str = "pipelines/shop/transforms/orders.py") -> str:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(text)
    return file


def test_a_file_is_loaded_from_the_project_root(tmp_path: Path) -> None:
    file = write(tmp_path, "def orders():\n    return 'rows'\n")
    assert load_module(tmp_path, file).orders() == "rows"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import os\n\n1 / 0\n", "cannot be imported: line 3: ZeroDivisionError"),
        ("def orders(:\n    pass\n", "cannot be imported: line 1: SyntaxError"),
        ("import no_such_module\n", "cannot be imported: line 1: ModuleNotFoundError"),
    ],
)
def test_a_file_that_cannot_be_imported_is_named_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(RunError) as caught:
        load_module(tmp_path, write(tmp_path, text))
    assert str(caught.value).startswith(f"RUN213 pipelines/shop/transforms/orders.py {message}")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"RUN213 orders\.txt is no Python file"):
        load_module(tmp_path, write(tmp_path, "", "orders.txt"))
