"""A column whose name says that it holds personal data carries a pii tag. By the name, so that a forgotten tag is found by somebody who reads no contract."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from lake_check import LakeCheck, many, one

_PERSONAL = re.compile(
    r"(^|_)(e?mail|phone|mobile|first_name|last_name|full_name|surname|birth_?date|date_of_birth|dob|street|postal_code|iban|ssn|passport|card_number|tax_id)($|_)"
)
_REFERENCE = re.compile(r"\$\{([\w-]+)\.([\w-]+)\.([\w-]+)\}")
# checkov tells a check the file relative to the folder that it reads.
STACK = "LAKEHOUSE_STACK"


class _Tagged(LakeCheck):
    def __init__(self) -> None:
        super().__init__(
            4, "Columns of personal data carry a pii tag", "aws_glue_catalog_table", self._all_tagged
        )

    def _all_tagged(self, conf: dict[str, Any]) -> bool:
        columns = many(one(conf, "storage_descriptor") or {}, "columns")
        personal = {one(c, "name") for c in columns if _PERSONAL.search(str(one(c, "name")))}
        # The second region's copies are open to nobody until a restore.
        if not personal or one(conf, "provider"):
            return True
        file = Path(os.environ.get(STACK, ".")) / self.entity_path.split(":")[0].lstrip("/")
        database, table = _resolved(file, one(conf, "database_name")), one(conf, "name")
        return personal <= _tagged_columns(str(file)).get((database, table), set())


@cache
def _tagged_columns(file: str) -> dict[tuple[str, str], set[str]]:
    """Columns that carry a value of `pii`, by (database, table)."""
    found: dict[tuple[str, str], set[str]] = {}
    for tags in _stack(file)["resource"].get("aws_lakeformation_resource_lf_tags", {}).values():
        place = tags.get("table_with_columns")
        if place and any(_resolved(Path(file), tag["key"]) == "pii" for tag in tags["lf_tag"]):
            key = (_resolved(Path(file), place["database_name"]), _resolved(Path(file), place["name"]))
            found.setdefault(key, set()).update(place["column_names"])
    return found


@cache
def _stack(file: str) -> dict[str, Any]:
    return json.loads(Path(file).read_text(encoding="utf-8"))


def _resolved(file: Path, text: str) -> str:
    """What a reference to another resource of the same stack stands for."""

    def stated(found: re.Match[str]) -> str:
        kind, name, attribute = found.groups()
        return str(_stack(str(file))["resource"].get(kind, {}).get(name, {}).get(attribute, ""))

    while _REFERENCE.search(str(text)):
        text = _REFERENCE.sub(stated, str(text))
    return str(text)


CHECKS = [_Tagged()]
