"""Checks that a column whose name suggests personal data has a pii tag.

It goes by the name, so that it finds a tag that its contract has forgotten.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from lake_check import LakeCheck, many, one

_WORDS = (
    "e?mail|phone|mobile|first_name|last_name|full_name|surname|birth_?date|date_of_birth|dob"
    "|street|postal_code|iban|ssn|passport|card_number|tax_id"
)
_PERSONAL = re.compile(rf"(^|_)({_WORDS})($|_)")
_REFERENCE = re.compile(r"\$\{([\w-]+)\.([\w-]+)\.([\w-]+)\}")
# The variable with the folder that checkov reads: a check gets a file's path relative to it.
STACK = "LAKEHOUSE_STACK"


class _Tagged(LakeCheck):
    def __init__(self) -> None:
        super().__init__(
            4, "Columns of personal data carry a pii tag", "aws_glue_catalog_table", self._all_tagged
        )

    def _all_tagged(self, conf: dict[str, Any]) -> bool:
        columns = many(one(conf, "storage_descriptor") or {}, "columns")
        personal = {one(c, "name") for c in columns if _PERSONAL.search(str(one(c, "name")))}
        # Copies in the second region have no grants until a restore.
        if not personal or one(conf, "provider"):
            return True
        file = Path(os.environ.get(STACK, ".")) / self.entity_path.split(":")[0].lstrip("/")
        database, table = _resolved(file, one(conf, "database_name")), one(conf, "name")
        return personal <= _tagged_columns(str(file)).get((database, table), set())


@cache
def _tagged_columns(file: str) -> dict[tuple[str, str], set[str]]:
    """Columns with a value of the tag `pii`, by (database, table)."""
    columns: dict[tuple[str, str], set[str]] = {}
    for tags in _stack(file)["resource"].get("aws_lakeformation_resource_lf_tags", {}).values():
        target = tags.get("table_with_columns")
        if target and any(_resolved(Path(file), tag["key"]) == "pii" for tag in tags["lf_tag"]):
            key = (_resolved(Path(file), target["database_name"]), _resolved(Path(file), target["name"]))
            columns.setdefault(key, set()).update(target["column_names"])
    return columns


@cache
def _stack(file: str) -> dict[str, Any]:
    return json.loads(Path(file).read_text(encoding="utf-8"))


def _resolved(file: Path, text: str) -> str:
    """The text with each reference to another resource of the stack replaced by that resource's argument."""

    def argument(reference: re.Match[str]) -> str:
        kind, name, attribute = reference.groups()
        return str(_stack(str(file))["resource"].get(kind, {}).get(name, {}).get(attribute, ""))

    while _REFERENCE.search(str(text)):
        text = _REFERENCE.sub(argument, str(text))
    return str(text)


CHECKS = [_Tagged()]
