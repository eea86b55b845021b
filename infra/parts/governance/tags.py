"""LF-tags, and their values on databases, tables and columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.lakeformation_data_lake_settings import LakeformationDataLakeSettings
from cdktf_cdktf_provider_aws.lakeformation_lf_tag import LakeformationLfTag
from cdktf_cdktf_provider_aws.lakeformation_resource_lf_tags import (
    LakeformationResourceLfTags,
    LakeformationResourceLfTagsLfTag,
)

from infra.parts.catalog.catalog import Catalog
from infra.platform_stack import PlatformStack
from lakehouse.access.evaluate import layer_tags, own_column_tags, own_table_tags, table_tags
from lakehouse.access.model import Policy
from lakehouse.contracts import Contract

LfTags = Mapping[str, LakeformationLfTag]


def tags(stack: PlatformStack, catalog: Catalog, settings: LakeformationDataLakeSettings) -> LfTags:
    """The LF-tags by key. A table or column gets only the values that it does not inherit."""
    policy = stack.facts.policy
    lf_tags = {
        key: LakeformationLfTag(
            stack, f"tag_{key}", key=key, values=sorted(tag.values), depends_on=[settings]
        )
        for key, tag in policy.tags.items()
    }
    for layer, database in catalog.databases.items():
        values, resource = layer_tags(policy, layer), f"tags_database_{layer}"
        _attach(stack, resource, values, lf_tags, database={"name": database.name})
    for name, table in catalog.tables.items():
        address = {"database_name": table.database_name, "name": table.name}
        contract, suffix = stack.facts.schemas.contracts[name], name.replace(".", "_")
        _attach(stack, f"tags_table_{suffix}", own_table_tags(policy, contract), lf_tags, table=address)
        for pairs, columns in _columns_by_tags(policy, contract).items():
            resource = f"tags_columns_{suffix}__{'_'.join(value for _, value in pairs)}"
            on = {**address, "column_names": columns}
            _attach(stack, resource, dict(pairs), lf_tags, table_with_columns=on)
    return lf_tags


def _columns_by_tags(policy: Policy, contract: Contract) -> dict[tuple[tuple[str, str], ...], list[str]]:
    """The columns whose tags differ from those that they inherit, grouped by the tags that do."""
    inherited = table_tags(policy, contract)
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for column in contract.column_names:
        values = dict(own_column_tags(contract, column).items() - inherited.items())
        if values:
            groups.setdefault(tuple(sorted(values.items())), []).append(column)
    return groups


def _attach(
    stack: PlatformStack, resource: str, values: Mapping[str, str], lf_tags: LfTags, **on: Any
) -> None:
    if not values:
        return
    assignments = [
        LakeformationResourceLfTagsLfTag(key=lf_tags[key].key, value=value) for key, value in values.items()
    ]
    LakeformationResourceLfTags(stack, resource, lf_tag=assignments, **on)
