"""`lakehouse pipeline update` brings a later template in and keeps what people changed.

Where both changed the same lines, the file shows both.
"""

from __future__ import annotations

import json

import pytest

from tests.cli.pipeline.pipeline_tree import KINDS, Later, Tree, error_text

CONFIG, SQL = "pipelines/sales/config.json", "pipelines/sales/sql/sales.sql"
CONTRACT = "schemas/gold/sales.schema.json"


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_later_template_nothing_changes(tree: Tree, kind: str) -> None:
    assert tree.new("sales", kind).code == 0
    before = tree.files()
    answer = tree.pipeline("update", "sales")
    assert (answer.code, answer.out) == (0, "sales: as of the newest template\n")
    assert tree.files() == before


def test_what_people_changed_stays_and_what_the_template_changed_comes(later: Later) -> None:
    tree = later.tree
    tree.change(CONFIG, '"least_rows": 1', '"least_rows": 25')
    tree.change(CONTRACT, "One row per currency and order_date.", "One row for each currency and day.")
    mine = tree.read(CONFIG)
    later.change("pipelines/[[name]]/config.json.jinja", "0 6 * * *", "0 7 * * *")
    later.change("schemas/gold/[[name]].schema.json.jinja", "Rows of ", "All rows of ")
    (later.folder / "batch" / "pipelines" / "[[name]]" / "README.md.jinja").write_text("# [[ title ]]\n")
    answer = later.update()
    assert (answer.code, answer.err) == (0, "")
    assert tree.read(CONFIG) == mine.replace("0 6 * * *", "0 7 * * *")
    assert '"least_rows": 25' in tree.read(CONFIG)
    assert "One row for each currency and day." in tree.read(CONTRACT)
    assert "All rows of silver.orders." in tree.read(CONTRACT)
    assert tree.read("pipelines/sales/README.md") == "# Sales\n"
    assert {tuple(line.split()) for line in answer.out.splitlines()[:-1]} == {
        ("changed", path) for path in (CONFIG, "pipelines/sales/README.md", CONTRACT)
    }


def test_an_update_is_done_once_and_the_next_one_starts_from_it(later: Later) -> None:
    tree = later.tree
    later.change("pipelines/[[name]]/config.json.jinja", "0 6 * * *", "0 7 * * *")
    assert later.update().code == 0
    after = tree.files()
    assert later.update().out == "sales: as of the newest template\n"
    assert tree.files() == after
    tree.change(CONFIG, "0 7 * * *", "30 7 * * *")
    later.change("pipelines/[[name]]/config.json.jinja", "Rows of [[ reads ]]", "Every row of [[ reads ]]")
    assert later.update().code == 0
    assert "30 7 * * *" in tree.read(CONFIG)
    assert "Every row of silver.orders" in tree.read(CONFIG)


def test_where_both_changed_the_same_lines_the_file_shows_both(later: Later) -> None:
    tree = later.tree
    tree.change(SQL, ">= :least_rows", "> :least_rows")
    later.change(
        "pipelines/[[name]]/sql/[[name]].sql.jinja",
        ">= :least_rows",
        ">= 2 * :least_rows",
    )
    answer = later.update()
    assert answer.code == 1
    assert f"conflicts  {SQL}" in answer.out
    between = (
        tree.read(SQL).partition("<<<<<<< before updating\n")[2].partition(">>>>>>> after updating\n")[0]
    )
    assert between == "HAVING COUNT(*) > :least_rows;\n=======\nHAVING COUNT(*) >= 2 * :least_rows;\n"
    # Nobody can miss it.
    assert tree.pipeline("validate", "sales").code == 2


def test_a_file_that_people_removed_does_not_come_back(later: Later) -> None:
    tree = later.tree
    (tree.root / "schemas/gold/sales.dq.yml").unlink()
    later.change("schemas/gold/[[name]].dq.yml.jinja", "max_age_days: 2", "max_age_days: 3")
    answer = later.update()
    assert not (tree.root / "schemas/gold/sales.dq.yml").exists()
    # The pipeline lacks it, and that is said.
    assert answer.code == 2
    assert "LK211" in answer.err


def test_a_file_that_the_template_no_longer_makes_goes_unless_it_was_changed(later: Later) -> None:
    tree, folder = later.tree, later.folder / "batch" / "pipelines" / "[[name]]"
    for name in ("one.md", "two.md"):
        (folder / name).write_text("text\n")
    assert later.update().code == 0
    tree.write("pipelines/sales/two.md", "text, and mine\n")
    for name in ("one.md", "two.md"):
        (folder / name).unlink()
    output = json.loads(later.update("--json").out)
    assert (output["removed"], output["kept"], output["conflicts"]) == (
        ["pipelines/sales/one.md"],
        ["pipelines/sales/two.md"],
        [],
    )
    assert not (tree.root / "pipelines/sales/one.md").exists()
    assert tree.read("pipelines/sales/two.md") == "text, and mine\n"


def test_a_file_that_is_there_before_the_template_makes_it_is_not_lost(later: Later) -> None:
    tree = later.tree
    tree.write("pipelines/sales/notes.md", "mine\n")
    (later.folder / "batch" / "pipelines" / "[[name]]" / "notes.md").write_text("theirs\n")
    later.update()
    assert "mine" in tree.read("pipelines/sales/notes.md")


def test_other_files_are_not_touched(later: Later) -> None:
    tree = later.tree
    tree.write("pipelines/sales/sql/mine.sql", "CREATE OR REPLACE TABLE gold.x AS SELECT 1 AS a")
    before = tree.files()
    later.change("pipelines/[[name]]/config.json.jinja", "0 6 * * *", "0 7 * * *")
    assert later.update().code == 0
    after = tree.files()
    assert {p for p in before | after if before.get(p) != after.get(p)} == {
        CONFIG,
        "pipelines/sales/.template.yml",
    }


def test_a_pipeline_that_no_template_made_has_none_to_follow(tree: Tree) -> None:
    answer = tree.pipeline("update", "retail")
    assert answer.code == 2
    assert "'retail' was not made by `lakehouse pipeline new`" in error_text(answer)


def test_an_unknown_pipeline_is_refused_with_the_nearest(tree: Tree) -> None:
    answer = tree.pipeline("update", "retial")
    assert answer.code == 2
    assert "unknown pipeline 'retial'; did you mean 'retail'?" in error_text(answer)
