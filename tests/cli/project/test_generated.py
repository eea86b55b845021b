"""One command writes the generated pages.

With --check it names each page that is out of date and how to mend it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calls import Call
from tests.project_marker import copy_project

COMMANDS = {("access", "page"): "docs/access.md", ("schemas", "export"): "docs/schemas/contract.schema.json"}


@pytest.mark.parametrize(
    ("command", "file"), COMMANDS.items(), ids=lambda c: " ".join(c) if isinstance(c, tuple) else ""
)
def test_a_page_that_differs_is_named_with_the_command_that_mends_it(
    command: tuple[str, ...], file: str, tmp_path: Path, lakehouse: Call
) -> None:
    root = copy_project(tmp_path)
    project = ("--project", str(root))
    missing = lakehouse(*command, "--check", *project)
    assert missing.code == 1
    assert f"{file} is not what the facts say; `lakehouse {' '.join(command)}` writes it" in missing.err
    assert not (root / file).exists()
    assert lakehouse(*command, *project).code == 0
    assert lakehouse(*command, "--check", *project).code == 0
    (root / file).write_text("old", encoding="utf-8")
    assert lakehouse(*command, "--check", *project).code == 1
