"""The guide for those who come from elsewhere: its model is sound, its commands and links exist."""

from __future__ import annotations

import re
from pathlib import Path

from typer.main import get_command

from cli.app import app
from cli.project.tree import read_tree
from lakehouse.project import project_root
from tests.project_marker import copy_project

GUIDES = project_root() / "docs" / "guides"
GUIDE = (GUIDES / "coming-from.md").read_text(encoding="utf-8")


def test_model_of_the_guide_is_a_sound_pipeline(tmp_path: Path) -> None:
    root = copy_project(tmp_path)
    files = re.findall(r"```(?:yaml|sql)\n(?:#|--) (\S+)\n(.*?)```", GUIDE, re.DOTALL)
    assert len(files) == 3
    for name, text in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    tree = read_tree(root)
    assert [str(fault) for fault in tree.faults] == []
    assert [job.name for job in tree.pipelines["countries"].jobs] == ["countries_to_gold", "countries_gate"]


def test_commands_and_links_of_the_guide_exist() -> None:
    for words in re.findall(r"`lakehouse ([a-z -]+?)(?: --| [A-Z]|`)", GUIDE):
        command = get_command(app)
        for word in words.split():
            command = command.commands[word]
    for link in re.findall(r"\]\(([a-z-]+\.md)", GUIDE):
        assert (GUIDES / link).exists(), link
