"""The bundle of a release holds the project, and no other file."""

from __future__ import annotations

from pathlib import Path

from infra.build.bundle import bundle_entries


def test_the_bundle_holds_the_project_and_nothing_else(tree: Path) -> None:
    for name in ("sample_data/rows.csv", "pipelines/retail/tests/case.jsonl", ".env", "pipelines/.notes"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("x")
    paths = bundle_entries(tree)
    assert {path.split("/")[0] for path in paths} == {
        "lakehouse.yml",
        "environments",
        "schemas",
        "pipelines",
        "lakeformation",
    }
    assert "pipelines/retail/transforms/silver_to_gold.py" in paths
    assert [path for path in paths if "tests" in path.split("/") or "/." in path] == []
