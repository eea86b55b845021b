"""A fault is one line that names place, code, value, wanted shape and nearest name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from lakehouse.reading.check import check, field_names
from lakehouse.reading.faults import Collector, FaultsError, nearest
from lakehouse.reading.located import read_yaml


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    workers: Annotated[int, Field(ge=2, description="Workers of one job.")]


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    one: Inner | None = None
    many: list[Inner] = []
    named: Annotated[dict[str, Inner], Field(min_length=0)] = {}
    renamed: int = Field(default=0, alias="$renamed")


def complaints(root: Path, text: str) -> list[str]:
    (root / "f.yml").write_text(text, encoding="utf-8")
    faults = Collector(root)
    located = read_yaml(root / "f.yml", faults)
    assert located
    check(Outer, located, faults)
    return [str(f) for f in sorted(faults.faults)]


def test_an_unknown_key_offers_the_nearest_and_lists_all(tmp_path: Path) -> None:
    assert complaints(tmp_path, "one:\n  workers: 2\n  worker: 3\n") == [
        "f.yml:3:3: LK101 unknown key 'one.worker'; wanted one of workers; did you mean 'workers'?"
    ]


def test_a_missing_key_says_what_it_is_for(tmp_path: Path) -> None:
    assert complaints(tmp_path, "many:\n  - {workers: 2}\n  - {}\n") == [
        "f.yml:3:5: LK102 key 'many.1.workers' is missing; wanted Workers of one job."
    ]


def test_a_wrong_value_is_shown_with_what_was_wanted(tmp_path: Path) -> None:
    assert complaints(tmp_path, "named:\n  x: {workers: 1}\n") == [
        "f.yml:2:16: LK103 named.x.workers = 1; wanted greater than or equal to 2"
    ]


def test_a_key_is_known_by_its_name_in_the_file_only(tmp_path: Path) -> None:
    assert complaints(tmp_path, "renamed: 1\n") == [
        "f.yml:1:1: LK101 unknown key 'renamed'; wanted one of one, many, named, $renamed; "
        "did you mean '$renamed'?"
    ]


def test_a_file_that_is_empty_or_no_mapping_is_one_fault(tmp_path: Path) -> None:
    assert [c.split(";")[0] for c in complaints(tmp_path, "")] == ["f.yml: LK103 document = None"]
    assert [c.split(";")[0] for c in complaints(tmp_path, "- 1\n")] == ["f.yml:1:1: LK103 document = [1]"]


def test_the_keys_of_a_model_are_found_through_lists_dictionaries_and_options() -> None:
    for loc in (("one",), ("many", 3), ("named", "one")):
        assert field_names(Outer, loc) == ["workers"]


def test_an_error_carries_each_fault_once_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    faults = Collector(tmp_path)
    for file, line in (("b.yml", 1), ("a.yml", 10), ("a.yml", 9), ("a.yml", 10)):
        faults.add("LK101", "x", file=tmp_path / file, at=(line, 1))
    assert [(f.file, f.line) for f in FaultsError(faults.faults).faults] == [
        ("a.yml", 9),
        ("a.yml", 10),
        ("b.yml", 1),
    ]


def test_no_name_is_offered_where_none_is_near() -> None:
    assert nearest("retires", ["retries", "owner"]) == "retries"
    assert nearest("zzz", ["retries", "owner"]) == ""
