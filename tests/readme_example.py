"""The pipeline that README.md teaches, as files that a test adds to a project."""

from __future__ import annotations

import re
from pathlib import Path

from lakehouse.project import project_root

README = (project_root() / "README.md").read_text(encoding="utf-8")
FILES: dict[str, str] = dict(
    re.findall(r"^`([\w/.]+)`\n\n```\w+\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
)
FUNCTION = "pipelines/stores/transforms/store_sales.py"


def add_example(root: Path) -> Path:
    """Writes the example's files into the project `root`, which it returns."""
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root
