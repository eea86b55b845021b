"""Every example of the guides to landing files and derived columns is what the models take."""

from __future__ import annotations

import re
from typing import Any, get_args

import yaml

from lakehouse.contracts.date_format import date_format
from lakehouse.contracts.file_forms import Encoding
from lakehouse.contracts.short.column_line import parse_line
from lakehouse.contracts.short.model import ShortSource, ShortTable
from lakehouse.project import project_root

GUIDES = project_root() / "docs" / "guides"


def examples(guide: str, key: str) -> list[Any]:
    text = (GUIDES / guide).read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    return [block[key] for block in blocks if isinstance(block, dict) and key in block]


def test_sources_of_the_guide_are_sound() -> None:
    sources = [ShortSource.model_validate(source) for source in examples("landing-files.md", "source")]
    assert {source.format for source in sources} == {"csv", "fixed_width"}


def test_date_formats_of_the_guide_are_read() -> None:
    (columns,) = examples("landing-files.md", "columns")
    lines = [parse_line(line) for line in columns.values()]
    assert [date_format(line["date_format"], line["type"].rstrip("?")).epoch for line in lines] == [
        None,
        None,
    ]


def test_derived_columns_of_the_guide_are_a_short_contract() -> None:
    text = (GUIDES / "contracts.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(# schemas/gold/totals.yml\n.*?)```", text, re.DOTALL)
    table = ShortTable.model_validate(yaml.safe_load(block))
    assert (table.derive, table.key) == (True, ["country"])
    assert parse_line(str(table.columns["total"]))["type"] == "derived"


def test_encodings_of_the_guide_are_those_of_python() -> None:
    guide = (GUIDES / "landing-files.md").read_text(encoding="utf-8")
    for encoding in get_args(Encoding):
        assert encoding.rsplit("-", 1)[0] in guide
        assert "a".encode(encoding).decode(encoding) == "a"
