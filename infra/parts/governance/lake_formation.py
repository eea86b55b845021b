"""Who may see what: Lake Formation's settings, locations, tags and grants, and the roles of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdktf_cdktf_provider_aws.lakeformation_data_lake_settings import LakeformationDataLakeSettings
from cdktf_cdktf_provider_aws.lakeformation_resource import LakeformationResource

from infra.constructs.role import service_role
from infra.parts.encryption.keys import Keys
from infra.parts.governance.grants import grants
from infra.parts.governance.job_grants import job_grants
from infra.parts.governance.people import People, people
from infra.parts.governance.tags import tags
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Zone

if TYPE_CHECKING:
    from infra.parts.catalog.catalog import Catalog
    from infra.parts.jobs.jobs import Jobs

TABLES = (Zone.BRONZE, Zone.SILVER, Zone.GOLD)


@dataclass(frozen=True)
class Governance:
    """`settings_replica` must stand before a database of the second region. `people`: the roles of grants.yml and their workgroups."""

    settings: Any
    settings_replica: Any
    people: People


def add_governance(
    stack: PlatformStack, keys: Keys, storage: Storage, catalog: Catalog, jobs: Jobs
) -> Governance:
    settings = _settings(stack, "settings")
    replica = _settings(stack, "settings_replica", provider=stack.replica)
    # What is made before them would be given to IAMAllowedPrincipals, which is everybody.
    for database in catalog.databases.values():
        database.depends_on = [
            *(database.depends_on or []),
            f"{settings.terraform_resource_type}.{settings.friendly_unique_id}",
        ]
    locations = _locations(stack, keys, storage, settings)
    made = tags(stack, catalog, settings)
    found = people(stack, keys, storage)
    grants(stack, catalog, made, found.roles)
    job_grants(stack, catalog, jobs, locations)
    return Governance(settings, replica, found)


def _settings(stack: PlatformStack, name: str, **provider: Any) -> Any:
    """One administrator, who deploys and is granted no data. A region's settings are its own."""
    env = stack.env
    admin = f"arn:aws:iam::{env.account}:role/{env.stack.deployer_role}"
    made = LakeformationDataLakeSettings(
        stack, name, admins=[admin], allow_external_data_filtering=False, **provider
    )
    # Stated, not left out: without a word, AWS gives every new table to IAMAllowedPrincipals.
    made.add_override("create_database_default_permissions", [])
    made.add_override("create_table_default_permissions", [])
    return made


def _locations(stack: PlatformStack, keys: Keys, storage: Storage, settings: Any) -> dict[str, Any]:
    """LakeformationResource by layer. Without hybrid access: a principal's own S3 permissions open no table of the catalog."""
    env = stack.env
    buckets = [f"arn:aws:s3:::{names.bucket(env, zone)}" for zone in TABLES]
    statements: dict[str, dict[str, Any]] = {
        "ListTables": {"Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": buckets},
        # People only read; jobs write by their own policies.
        "ReadTables": {"Action": "s3:GetObject", "Resource": [f"{arn}/*" for arn in buckets]},
        "ReadEncrypted": {
            "Action": "kms:Decrypt",
            "Resource": sorted({keys.of(zone).arn for zone in TABLES}),
        },
    }
    only_here = {"ArnLike": {"aws:SourceArn": f"arn:aws:lakeformation:{env.region}:{env.account}:*"}}
    role = service_role(stack, "data_access", "lakeformation.amazonaws.com", statements, only_here)
    return {
        zone: LakeformationResource(
            stack,
            f"location_{zone}",
            arn=f"arn:aws:s3:::{names.bucket(env, zone)}",
            role_arn=role.arn,
            hybrid_access_enabled=False,
            use_service_linked_role=False,
            depends_on=[settings, storage.zones[zone].policy],
        )
        for zone in TABLES
    }
