"""What jobs may do with the catalog: grants on exactly the tables that their rows name.

One construct holds a kind of grant for all jobs, by `for_each`: a thousand jobs are a longer map and no slower synthesis. An address in a
plan is then `aws_lakeformation_permissions.grant_job_tables["bronze_to_silver silver.orders"]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdktf_cdktf_provider_aws.lakeformation_permissions import LakeformationPermissions

from infra.facts import Facts
from infra.parts.catalog.catalog import Catalog
from infra.platform_stack import PlatformStack
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_needs import job_needs

if TYPE_CHECKING:
    from infra.parts.jobs.jobs import Jobs

# To change what a table of the catalog is, Lake Formation wants the right to its location too.
_CHANGES = ("alter",)


def job_grants(stack: PlatformStack, catalog: Catalog, jobs: Jobs, locations: dict[str, Any]) -> None:
    """`locations`: LakeformationResource by layer."""
    # Each attribute is asked of another process once, not once for each job.
    table = {
        name: {"database": made.database_name, "name": made.name} for name, made in catalog.tables.items()
    }
    database = {layer: {"name": made.name} for layer, made in catalog.databases.items()}
    location = {layer: {"arn": made.arn} for layer, made in locations.items()}
    on_tables, on_databases, on_locations = {}, {}, {}
    for job in stack.facts.jobs:
        to = {"principal": jobs.roles[job.name].arn}
        for layer in job.databases:
            on_databases[f"{job.name} {layer}"] = {**to, **database[layer]}
        for name, permissions in _permissions(stack.facts, job).items():
            layer = name.split(".")[0]
            on_tables[f"{job.name} {name}"] = {
                **to,
                **table[name],
                "permissions": sorted(p.upper() for p in permissions),
            }
            on_databases[f"{job.name} {layer}"] = {**to, **database[layer]}
            if permissions & set(_CHANGES):
                on_locations[f"{job.name} {layer}"] = {**to, **location[layer]}
    named = {"database_name": "${each.value.database}", "name": "${each.value.name}"}
    _for_each(stack, "grant_job_tables", on_tables, "${each.value.permissions}", table=named)
    _for_each(
        stack, "grant_job_databases", on_databases, ["DESCRIBE"], database={"name": "${each.value.name}"}
    )
    _for_each(
        stack,
        "grant_job_locations",
        on_locations,
        ["DATA_LOCATION_ACCESS"],
        data_location={"arn": "${each.value.arn}"},
    )


def _permissions(facts: Facts, job: Job) -> dict[str, set[str]]:
    """Table → what the job may do with it. The Lakebase's are in no catalog."""
    stated, lake = facts.policy.jobs, facts.schemas.on_lake
    found: dict[str, set[str]] = {}
    by_row = (
        (job.reads, stated.reads),
        (job.writes, stated.writes),
        (job_needs(job, facts.schemas, facts.env).registers, stated.registers),
    )
    for tables, permissions in by_row:
        for table in (t for t in tables if t in lake):
            found.setdefault(table, set()).update(permissions)
    return found


def _for_each(stack: PlatformStack, place: str, each: dict[str, Any], permissions: Any, **on: Any) -> None:
    made = LakeformationPermissions(stack, place, principal="${each.value.principal}", permissions=[], **on)
    made.add_override("permissions", permissions)
    made.add_override("for_each", each)
