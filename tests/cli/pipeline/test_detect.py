"""`lakehouse pipeline detect`: the kind of any folder, or the one reason why it has none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import ROOT, Tree, error_text

WANTED = "wanted pipeline.yml, job.csv, or config.json with either `tasks` or `execution_sequence`"
COUNTS = {
    "batch": (2, "steps", "`execution_sequence` in config.json"),
    "streaming": (1, "tasks", "`tasks` in config.json"),
    "metadata": (1, "jobs", "job.csv, proc.csv, proc_param.csv"),
}


# A pipeline of the template `python` is read as one of kind `metadata`.
@pytest.mark.parametrize("kind", COUNTS)
def test_a_folder_says_what_it_is_wherever_it_lies(tree: Tree, tmp_path: Path, kind: str) -> None:
    assert tree.new("sales", kind).code == 0
    elsewhere = shutil.copytree(tree.root / "pipelines" / "sales", tmp_path / "from elsewhere")
    count, of, by = COUNTS[kind]
    title = "" if kind == "metadata" else "Sales"
    for folder in (tree.root / "pipelines" / "sales", elsewhere):
        output = json.loads(tree.pipeline("detect", str(folder), "--json").out)
        assert output == {
            "name": folder.name,
            "title": title,
            "kind": kind,
            "by": by,
            "count": count,
            "of": of,
        }
        answer = tree.pipeline("detect", str(folder))
        assert (answer.code, answer.err) == (0, "")
        assert f": {kind}, {count} {of[: None if count > 1 else -1]}, by {by}" in answer.out


def test_the_pipelines_of_the_project_are_of_the_kind_that_the_loader_finds(lakehouse: Call) -> None:
    from lakehouse.pipelines import load_pipelines

    for name, pipeline in load_pipelines().items():
        output = json.loads(lakehouse("pipeline", "detect", str(ROOT / "pipelines" / name), "--json").out)
        assert (output["name"], output["kind"]) == (name, pipeline.kind)


STEP, TASK = {"step": 0, "task_name": "a", "sql_file": "a.sql"}, {"task_name": "a", "table": "gold.a"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, f"LK320 is no pipeline: it has neither job.csv nor config.json nor pipeline.yml; {WANTED}"),
        ({"readme.md": ""}, "LK320 is no pipeline"),
        (
            {"config.json": {"tasks": [TASK], "execution_sequence": [STEP]}},
            "LK320 config.json has both tasks and execution_sequence",
        ),
        (
            {"config.json": {"pipeline_type": "batch"}},
            "LK320 config.json has neither tasks nor execution_sequence",
        ),
        ({"config.json": {"task": [TASK]}}, "LK320 config.json has neither"),
        ({"config.json": [TASK]}, "LK320 config.json has neither"),
        ({"config.json": "tasks"}, "LK320 config.json has neither"),
        (
            {"config.json": {"tasks": [TASK]}, "job.csv": ""},
            "LK320 is of several kinds: job.csv and config.json",
        ),
        (
            {"config.json": {"tasks": [TASK]}, "proc_param.csv": ""},
            "LK320 is of several kinds: proc_param.csv and config.json",
        ),
        ({"config.json": {"tasks": 5}}, "LK103 tasks = 5; wanted a list"),
        ({"config.json": {"tasks": []}}, "LK103 tasks = []"),
        ({"config.json": {"execution_sequence": "a, b"}}, "LK103 execution_sequence = 'a, b'"),
        ({"proc.csv": "proc_id\n"}, "job.csv: LK001 cannot be read"),
    ],
)
def test_a_folder_that_is_none_or_several_is_one_clear_error(
    lakehouse: Call, tmp_path: Path, files: dict[str, object], message: str
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content) if name == "config.json" else str(content))
    answer = lakehouse("pipeline", "detect", str(folder))
    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 1
    assert message in answer.err
    faults = json.loads(lakehouse("pipeline", "detect", str(folder), "--json").out)
    assert [f["code"] for f in faults] == [message.partition("LK")[1] + message.partition("LK")[2][:3]]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[" * 100_000, "config.json:1:65: LK004"),
        ('{"tasks":' * 100_000 + "1" + "}" * 100_000, "config.json:1:577: LK004"),
        ('{"tasks":\n [1],}', "config.json:2:6: LK002"),
        ('{"tasks": [1],\n"tasks": [2]}', "config.json:2:1: LK005"),
        ('{"tasks": NaN}', "config.json:1:11: LK002"),
        ("", "config.json:1:1: LK002"),
    ],
    ids=["open", "nested", "comma", "twice", "nan", "empty"],
)
def test_what_is_no_json_is_said_with_its_place(
    lakehouse: Call, tmp_path: Path, text: str, fault: str
) -> None:
    (tmp_path / "config.json").write_text(text)
    answer = lakehouse("pipeline", "detect", str(tmp_path))
    assert answer.code == 2
    assert answer.err.startswith(f"{tmp_path.name}/{fault} ")


def test_a_title_cannot_steer_the_terminal(lakehouse: Call, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(
        json.dumps({"pipeline_name": "\x1b[31mred\x1b]0;x\x07\n", "tasks": [TASK]})
    )
    answer = lakehouse("pipeline", "detect", str(tmp_path))
    assert answer.code == 0
    assert all(c.isprintable() for c in answer.out.rstrip("\n"))


@pytest.mark.parametrize("path", ["nowhere", "file.txt"])
def test_what_is_no_folder_is_refused(lakehouse: Call, tmp_path: Path, path: str) -> None:
    (tmp_path / "file.txt").touch()
    answer = lakehouse("pipeline", "detect", str(tmp_path / path))
    assert answer.code == 2
    assert "does not exist" in error_text(answer) or "is a file" in error_text(answer)
