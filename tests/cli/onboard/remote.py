"""Calls of onboard on sources of the local world."""

from __future__ import annotations

from typing import Any

import yaml

from tests.cli.calls import Answer, Call
from tests.cli.pipeline.pipeline_tree import Tree

TABLE = "bronze.people_of_origin"


def onboard(lakehouse: Call, tree: Tree, source: str, *more: str) -> Answer:
    return lakehouse("onboard", source, "--as", TABLE, "--project", str(tree.root), *more)


def contract_of(answer: Answer, lakehouse: Call, tree: Tree) -> dict[str, Any]:
    assert (answer.code, answer.err) == (0, "")
    checked = lakehouse("validate", "--project", str(tree.root))
    assert checked.code == 0, checked.out + checked.err
    document: dict[str, Any] = yaml.safe_load((tree.root / "schemas/bronze/people_of_origin.yml").read_text())
    return document


def message(answer: Answer) -> str:
    return " ".join(answer.err.replace("│", " ").split())
