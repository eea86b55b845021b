"""Read-only grants to people: by LF-tags, on single tables and columns, and on rows by filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.iam_role import IamRole
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
from infra.parts.governance.tags import LfTags
from infra.platform_stack import PlatformStack
from lakehouse.access.evaluate import layer_tags, matches
from lakehouse.access.model import Grant, Policy, RowFilter


def grants(stack: PlatformStack, catalog: Catalog, lf_tags: LfTags, roles: Mapping[str, IamRole]) -> None:
    """The grants and filters of each role. `roles` are by the role's name in grants.yml."""
    policy = stack.facts.policy
    for role, iam_role in roles.items():
        principal = iam_role.arn
        for number, grant in enumerate(policy.grants_of(role), 1):
            resource = f"grant_{role}_{number}"
            if grant.tags is not None:
                _by_tags(stack, resource, grant, grant.tags, principal, lf_tags)
            elif grant.table is not None:
                _by_name(stack, resource, grant, _address(catalog, grant.table), principal)
        for row_filter in policy.filters_of(role):
            _by_filter(stack, row_filter, principal, catalog)
        for layer in _layers_without_tags(policy, role):
            database = {"name": catalog.databases[layer].name}
            LakeformationPermissions(
                stack,
                f"grant_{role}_{layer}",
                principal=principal,
                permissions=["DESCRIBE"],
                database=database,
            )


def _by_tags(
    stack: PlatformStack,
    resource: str,
    grant: Grant,
    tags: Mapping[str, Any],
    principal: str,
    lf_tags: LfTags,
) -> None:
    """The grant on every table with these tags, and DESCRIBE on their databases."""
    expression = [
        LakeformationPermissionsLfTagPolicyExpression(key=lf_tags[key].key, values=sorted(values))
        for key, values in tags.items()
    ]
    for resource_type, permissions in (("TABLE", _permissions(grant)), ("DATABASE", ["DESCRIBE"])):
        LakeformationPermissions(
            stack,
            f"{resource}_{resource_type.lower()}",
            principal=principal,
            permissions=permissions,
            lf_tag_policy=LakeformationPermissionsLfTagPolicy(
                resource_type=resource_type, expression=expression
            ),
        )


def _by_name(
    stack: PlatformStack, resource: str, grant: Grant, address: dict[str, Any], principal: str
) -> None:
    """The grant on one table, or on some of its columns."""
    columns = {"table_with_columns": {**address, "column_names": grant.columns}}
    on: dict[str, Any] = columns if grant.columns else {"table": address}
    LakeformationPermissions(stack, resource, principal=principal, permissions=_permissions(grant), **on)


def _by_filter(stack: PlatformStack, row_filter: RowFilter, principal: str, catalog: Catalog) -> None:
    """A filter and its grant. It names every column: a wildcard would also show future columns."""
    table = catalog.tables[row_filter.table]
    resource = f"filter_{row_filter.table.replace('.', '_')}_{row_filter.name}"
    address = {
        "name": row_filter.name,
        "database_name": table.database_name,
        "table_name": table.name,
        "table_catalog_id": stack.env.account,
    }
    data = LakeformationDataCellsFilterTableData(
        **address,
        column_names=list(row_filter.shown(stack.facts.schemas.contracts[row_filter.table])),
        row_filter=[LakeformationDataCellsFilterTableDataRowFilter(filter_expression=row_filter.rows)],
    )
    cells_filter = LakeformationDataCellsFilter(stack, resource, table_data=[data])
    LakeformationPermissions(
        stack,
        f"grant_{resource}",
        principal=principal,
        permissions=["SELECT"],
        data_cells_filter=address,
        depends_on=[cells_filter],
    )


def _layers_without_tags(policy: Policy, role: str) -> list[str]:
    """The layers of which a role has tables by name, and which no tag grant lets it see."""
    named = {g.table for g in policy.grants_of(role) if g.table} | {f.table for f in policy.filters_of(role)}
    expressions = [grant.tags for grant in policy.grants_of(role) if grant.tags is not None]
    layers = sorted({table.split(".")[0] for table in named})
    return [layer for layer in layers if not any(matches(e, layer_tags(policy, layer)) for e in expressions)]


def _address(catalog: Catalog, table: str) -> dict[str, Any]:
    return {"database_name": catalog.tables[table].database_name, "name": catalog.tables[table].name}


def _permissions(grant: Grant) -> list[str]:
    return sorted(permission.upper() for permission in grant.permissions)
