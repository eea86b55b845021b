"""LF-tags, and which value each database, table and column carries."""

from __future__ import annotations

from typing import Any

from cdktf_cdktf_provider_aws.lakeformation_lf_tag import LakeformationLfTag
from cdktf_cdktf_provider_aws.lakeformation_resource_lf_tags import (
    LakeformationResourceLfTags,
    LakeformationResourceLfTagsLfTag,
)

from infra.parts.catalog.catalog import Catalog
from infra.platform_stack import PlatformStack
from lakehouse.access.evaluate import layer_tags, own_column_tags, own_table_tags
from lakehouse.contracts import Contract


def tags(stack: PlatformStack, catalog: Catalog, settings: Any) -> dict[str, Any]:
    """LakeformationLfTag by key. What a table or column inherits is not said again."""
    policy = stack.facts.policy
    made = {
        key: LakeformationLfTag(
            stack, f"tag_{key}", key=key, values=sorted(tag.values), depends_on=[settings]
        )
        for key, tag in policy.tags.items()
    }
    for layer, database in catalog.databases.items():
        _attach(
            stack, f"tags_database_{layer}", layer_tags(policy, layer), made, database={"name": database.name}
        )
    for table in catalog.tables:
        contract = stack.facts.schemas.contracts[table]
        place = table.replace(".", "_")
        own = {"database_name": catalog.tables[table].database_name, "name": catalog.tables[table].name}
        _attach(stack, f"tags_table_{place}", own_table_tags(policy, contract), made, table=own)
        for values, columns in _by_tags(contract).items():
            word = "_".join(value for _, value in values)
            _attach(
                stack,
                f"tags_columns_{place}__{word}",
                dict(values),
                made,
                table_with_columns={**own, "column_names": columns},
            )
    return made


def _by_tags(contract: Contract) -> dict[tuple[tuple[str, str], ...], list[str]]:
    """Columns that differ from their table, by how."""
    found: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for column in contract.column_names:
        own = own_column_tags(contract, column)
        if own:
            found.setdefault(tuple(sorted(own.items())), []).append(column)
    return found


def _attach(
    stack: PlatformStack, place: str, values: dict[str, str], made: dict[str, Any], **to: Any
) -> None:
    if values:
        stated = [
            LakeformationResourceLfTagsLfTag(key=made[key].key, value=value) for key, value in values.items()
        ]
        LakeformationResourceLfTags(stack, place, lf_tag=stated, **to)
