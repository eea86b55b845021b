"""What jobs may do with the catalog: grants on exactly the tables that their rows name.

One construct holds a kind of grant for all jobs, by `for_each`: a thousand jobs are a longer map and no slower synthesis. An address in a
plan is then `aws_lakeformation_permissions.grant_job_tables["bronze_to_silver silver.orders"]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdktf_cdktf_provider_aws.lakeformation_permissions import LakeformationPermissions

from infra.facts import Facts
from infra.house import House
from infra.parts.catalog import Catalog
from infra.parts.job_paths import touched
from pipelines import Job

if TYPE_CHECKING:
    from infra.parts.jobs import Jobs

# To change what a table of the catalog is, Lake Formation wants the right to its location too.
_CHANGES = ("alter",)


def job_grants(house: House, catalog: Catalog, jobs: Jobs, locations: dict[str, Any]) -> None:
    """`locations`: LakeformationResource by layer."""
    tables: dict[str, Any] = {}
    databases: dict[str, Any] = {}
    places: dict[str, Any] = {}
    for job in house.facts.jobs:
        principal = jobs.roles[job.name].arn
        for table, permissions in _permissions(house.facts, job).items():
            layer, made = table.split(".")[0], catalog.tables[table]
            upper = sorted(p.upper() for p in permissions)
            tables[f"{job.name} {table}"] = {
                "principal": principal,
                "database": made.database_name,
                "name": made.name,
                "permissions": upper,
            }
            databases[f"{job.name} {layer}"] = {"principal": principal, "name": catalog.databases[layer].name}
            if permissions & set(_CHANGES):
                places[f"{job.name} {layer}"] = {"principal": principal, "arn": locations[layer].arn}
    each = "${each.value.%s}"
    _for_each(
        house, "grant_job_tables", tables, "${each.value.permissions}", table={"database_name": each % "database", "name": each % "name"}
    )
    _for_each(house, "grant_job_databases", databases, ["DESCRIBE"], database={"name": each % "name"})
    _for_each(house, "grant_job_locations", places, ["DATA_LOCATION_ACCESS"], data_location={"arn": each % "arn"})


def _permissions(facts: Facts, job: Job) -> dict[str, set[str]]:
    """Table → what the job may do with it."""
    stated = facts.policy.jobs
    found: dict[str, set[str]] = {}
    by_row = ((job.reads, stated.reads), (job.writes, stated.writes), (touched(facts, job).registers, stated.registers))
    for tables, permissions in by_row:
        for table in tables:
            found.setdefault(table, set()).update(permissions)
    return found


def _for_each(house: House, place: str, each: dict[str, Any], permissions: Any, **on: Any) -> None:
    made = LakeformationPermissions(house, place, principal="${each.value.principal}", permissions=[], **on)
    made.add_override("permissions", permissions)
    made.add_override("for_each", each)
