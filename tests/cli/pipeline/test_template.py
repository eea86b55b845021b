"""Templates of a team's own: a faulty one adds nothing to the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.pipeline.pipeline_tree import Later, Tree, error_text


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (
            "batch/schemas/gold/[[name]].schema.json.jinja",
            '"write": "recompute"',
            '"write": "rewrite"',
            "LK103 x-lake.write",
        ),
        ("batch/pipelines/[[name]]/sql/[[name]].sql.jinja", "'_db.'", "'_db.no_'", "LK315"),
        ("batch/pipelines/[[name]]/sql/[[name]].sql.jinja", "FROM", "FORM", "LK322"),
        (
            "batch/pipelines/[[name]]/config.json.jinja",
            "[[ title ]]",
            "[[ title | no_such ]]",
            "cannot be taken",
        ),
        ("copier.yml", "_subdirectory:", "_tasks: [touch made]\n_subdirectory:", "cannot be taken"),
    ],
)
def test_a_template_with_a_fault_makes_nothing(
    tree: Tree, template: Path, path: str, old: str, new: str, message: str
) -> None:
    text = (template / path).read_text(encoding="utf-8")
    assert old in text
    (template / path).write_text(text.replace(old, new, 1), encoding="utf-8")
    before = tree.files()
    answer = tree.new("new_one", "batch", "--template", str(template))
    assert answer.code == 2
    assert message in error_text(answer)
    assert tree.files() == before


def test_a_template_that_writes_elsewhere_makes_nothing(tree: Tree, template: Path) -> None:
    (template / "batch" / "glue_jobs").mkdir()
    (template / "batch" / "glue_jobs" / "evil.py").write_text("")
    before = tree.files()
    assert tree.new("new_one", "batch", "--template", str(template)).code == 2
    assert tree.files() == before


def test_a_folder_without_copier_yml_is_no_template(tree: Tree, tmp_path: Path) -> None:
    answer = tree.new("new_one", "batch", "--template", str(tmp_path))
    assert answer.code == 2
    assert "has no copier.yml" in error_text(answer)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: sales", "name: retail", "LK103 document"),
        ("kind: batch", "kind: stream", "LK103 kind = 'stream'"),
        ("pipelines/sales/sql/setup.sql", "pipelines/sales/../../evil.sql", "LK103"),
        ("pipelines/sales/sql/setup.sql", "/etc/evil.sql", "LK103"),
        ("pipelines/sales/sql/setup.sql", "pipelines/retail/job.csv", "wanted files below pipelines/sales/"),
        ("pipelines/sales/sql/setup.sql", "glue_jobs/run.py", "LK103"),
        ("pipelines/sales/sql/setup.sql", "schemas/gold/.x.dq.yml", "LK103"),
        ("kind: batch", "kind: batch\nmore: 1", "LK101 unknown key 'more'"),
        ("kind: batch", "kind: [", "LK002"),
    ],
)
def test_a_broken_record_is_a_fault_with_its_line_and_nothing_is_written(
    later: Later, old: str, new: str, message: str
) -> None:
    tree = later.tree
    tree.change("pipelines/sales/.template.yml", old, new)
    before = tree.files()
    answer = later.update()
    assert answer.code == 2
    assert answer.err.startswith("pipelines/sales/.template.yml")
    assert message in answer.err
    assert tree.files() == before
