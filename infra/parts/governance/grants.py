"""What people may see: LF-tag policies, single tables and columns, and data cells filters. Only ever to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.lakeformation_data_cells_filter import (
    LakeformationDataCellsFilter,
    LakeformationDataCellsFilterTableData,
    LakeformationDataCellsFilterTableDataRowFilter,
)
from cdktf_cdktf_provider_aws.lakeformation_permissions import (
    LakeformationPermissions,
    LakeformationPermissionsLfTagPolicy,
    LakeformationPermissionsLfTagPolicyExpression,
)

from infra.parts.catalog.catalog import Catalog
from infra.platform_stack import PlatformStack
from lakehouse.access.evaluate import layer_tags, matches
from lakehouse.access.model import Grant, Policy, RowFilter


def grants(stack: PlatformStack, catalog: Catalog, tags: dict[str, Any], roles: Mapping[str, Any]) -> None:
    """`tags`: LakeformationLfTag by key. `roles`: IamRole by the role's name in grants.yml."""
    policy = stack.facts.policy
    for role, made in roles.items():
        for i, grant in enumerate(policy.grants_of(role), 1):
            place = f"grant_{role}_{i}"
            if grant.tags is not None:
                _by_tags(stack, place, grant, made.arn, tags)
            else:
                _by_name(stack, place, grant, made.arn, catalog)
        for row_filter in policy.filters_of(role):
            _by_filter(stack, row_filter, made.arn, catalog)
        for layer in _layers_by_name(policy, role):
            database = {"name": catalog.databases[layer].name}
            LakeformationPermissions(
                stack,
                f"grant_{role}_{layer}",
                principal=made.arn,
                permissions=["DESCRIBE"],
                database=database,
            )


def _by_tags(stack: PlatformStack, place: str, grant: Grant, principal: str, tags: dict[str, Any]) -> None:
    assert grant.tags is not None
    expression = [
        LakeformationPermissionsLfTagPolicyExpression(key=tags[key].key, values=sorted(values))
        for key, values in grant.tags.items()
    ]
    for resource_type, permissions in (("TABLE", _upper(grant)), ("DATABASE", ["DESCRIBE"])):
        under = LakeformationPermissionsLfTagPolicy(resource_type=resource_type, expression=expression)
        LakeformationPermissions(
            stack,
            f"{place}_{resource_type.lower()}",
            principal=principal,
            permissions=permissions,
            lf_tag_policy=under,
        )


def _by_name(stack: PlatformStack, place: str, grant: Grant, principal: str, catalog: Catalog) -> None:
    assert grant.table is not None
    table = _named(catalog, grant.table)
    on: dict[str, Any] = (
        {"table_with_columns": {**table, "column_names": grant.columns}}
        if grant.columns
        else {"table": table}
    )
    LakeformationPermissions(stack, place, principal=principal, permissions=_upper(grant), **on)


def _by_filter(stack: PlatformStack, row_filter: RowFilter, principal: str, catalog: Catalog) -> None:
    """Columns are always named: a wildcard would show a column that was not there when somebody decided."""
    table, account = catalog.tables[row_filter.table], stack.env.account
    place = f"filter_{row_filter.table.replace('.', '_')}_{row_filter.name}"
    data = LakeformationDataCellsFilterTableData(
        name=row_filter.name,
        database_name=table.database_name,
        table_name=table.name,
        table_catalog_id=account,
        column_names=list(row_filter.shown(stack.facts.schemas.contracts[row_filter.table])),
        row_filter=[LakeformationDataCellsFilterTableDataRowFilter(filter_expression=row_filter.rows)],
    )
    made = LakeformationDataCellsFilter(stack, place, table_data=[data])
    cells = {
        "name": row_filter.name,
        "database_name": table.database_name,
        "table_name": table.name,
        "table_catalog_id": account,
    }
    LakeformationPermissions(
        stack,
        f"grant_{place}",
        principal=principal,
        permissions=["SELECT"],
        data_cells_filter=cells,
        depends_on=[made],
    )


def _layers_by_name(policy: Policy, role: str) -> list[str]:
    """The databases of what a role was given by name, where no tag lets it see the database."""
    named = {g.table for g in policy.grants_of(role) if g.table} | {f.table for f in policy.filters_of(role)}
    seen = [g.tags for g in policy.grants_of(role) if g.tags is not None]
    layers = sorted({table.split(".")[0] for table in named})
    return [layer for layer in layers if not any(matches(e, layer_tags(policy, layer)) for e in seen)]


def _named(catalog: Catalog, table: str) -> dict[str, Any]:
    return {"database_name": catalog.tables[table].database_name, "name": catalog.tables[table].name}


def _upper(grant: Grant) -> list[str]:
    return sorted(permission.upper() for permission in grant.permissions)
