"""Grants to jobs: on exactly the tables that their rows name.

One construct holds a kind of grant for all jobs, by `for_each`, so a thousand jobs do not slow synthesis.
An address in a plan is `aws_lakeformation_permissions.grant_job_tables["bronze_to_silver silver.orders"]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.lakeformation_permissions import LakeformationPermissions
from cdktf_cdktf_provider_aws.lakeformation_resource import LakeformationResource

from infra.facts import Facts
from infra.parts.catalog.catalog import Catalog
from infra.parts.jobs.jobs import Jobs
from infra.platform_stack import PlatformStack
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_needs import job_needs

# Permissions for which Lake Formation also requires access to the table's location.
CHANGES = frozenset({"alter"})
Grants = dict[str, dict[str, Any]]


def job_grants(
    stack: PlatformStack, catalog: Catalog, jobs: Jobs, locations: Mapping[str, LakeformationResource]
) -> None:
    """The grants of all jobs on tables, databases and locations. `locations` are by layer."""
    # Reads each attribute once, and not once per job: every access is a call to the jsii process.
    tables = {
        name: {"database": table.database_name, "name": table.name} for name, table in catalog.tables.items()
    }
    databases = {layer: {"name": database.name} for layer, database in catalog.databases.items()}
    arns = {layer: {"arn": location.arn} for layer, location in locations.items()}
    on_tables: Grants = {}
    on_databases: Grants = {}
    on_locations: Grants = {}
    for job in stack.facts.jobs:
        principal = {"principal": jobs.roles[job.name].arn}
        for layer in job.databases:
            on_databases[f"{job.name} {layer}"] = {**principal, **databases[layer]}
        for name, permissions in _permissions(stack.facts, job).items():
            layer = name.split(".")[0]
            upper = {"permissions": sorted(permission.upper() for permission in permissions)}
            on_tables[f"{job.name} {name}"] = {**principal, **tables[name], **upper}
            on_databases[f"{job.name} {layer}"] = {**principal, **databases[layer]}
            if permissions & CHANGES:
                on_locations[f"{job.name} {layer}"] = {**principal, **arns[layer]}
    table = {"database_name": "${each.value.database}", "name": "${each.value.name}"}
    database, location = {"name": "${each.value.name}"}, {"arn": "${each.value.arn}"}
    _for_each(stack, "grant_job_tables", on_tables, "${each.value.permissions}", table=table)
    _for_each(stack, "grant_job_databases", on_databases, ["DESCRIBE"], database=database)
    _for_each(stack, "grant_job_locations", on_locations, ["DATA_LOCATION_ACCESS"], data_location=location)


def _permissions(facts: Facts, job: Job) -> dict[str, set[str]]:
    """Table → the job's permissions on it. Tables of the Lakebase are in no catalog."""
    declared, on_lake = facts.policy.jobs, facts.schemas.on_lake
    permissions: dict[str, set[str]] = {}
    by_use = (
        (job.reads, declared.reads),
        (job.writes, declared.writes),
        (job_needs(job, facts.schemas, facts.env).registers, declared.registers),
    )
    for tables, granted in by_use:
        for table in (name for name in tables if name in on_lake):
            permissions.setdefault(table, set()).update(granted)
    return permissions


def _for_each(
    stack: PlatformStack, resource: str, grants: Grants, permissions: str | list[str], **on: Any
) -> None:
    """One Terraform resource with an instance per grant."""
    construct = LakeformationPermissions(
        stack, resource, principal="${each.value.principal}", permissions=[], **on
    )
    construct.add_override("permissions", permissions)
    construct.add_override("for_each", grants)
