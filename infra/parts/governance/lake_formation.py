"""Access to data: Lake Formation's settings, locations, tags and grants, and the roles of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.lakeformation_data_lake_settings import LakeformationDataLakeSettings
from cdktf_cdktf_provider_aws.lakeformation_resource import LakeformationResource

from infra.constructs.role import ServiceRole, service_role
from infra.parts.catalog.catalog import Catalog
from infra.parts.encryption.keys import Keys
from infra.parts.governance.grants import grants
from infra.parts.governance.job_grants import job_grants
from infra.parts.governance.people import People, people
from infra.parts.governance.tags import tags
from infra.parts.jobs.jobs import Jobs
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Zone

TABLE_ZONES = (Zone.BRONZE, Zone.SILVER, Zone.GOLD)


@dataclass(frozen=True)
class Governance:
    """The databases of the second region must be created after `settings_replica`."""

    settings: LakeformationDataLakeSettings
    settings_replica: LakeformationDataLakeSettings
    people: People


def add_governance(
    stack: PlatformStack, keys: Keys, storage: Storage, catalog: Catalog, jobs: Jobs
) -> Governance:
    """Settings in both regions, and the tags, grants and roles of the environment."""
    settings = _settings(stack, "settings")
    replica = _settings(stack, "settings_replica", provider=stack.replica)
    _create_databases_after(settings, catalog)
    locations = _locations(stack, keys, storage, settings)
    lf_tags = tags(stack, catalog, settings)
    roles = people(stack, keys, storage)
    grants(stack, catalog, lf_tags, roles.roles)
    job_grants(stack, catalog, jobs, locations)
    return Governance(settings, replica, roles)


def _create_databases_after(settings: LakeformationDataLakeSettings, catalog: Catalog) -> None:
    """A database created before the settings would be open to IAMAllowedPrincipals, which is everybody."""
    settings_address = f"{settings.terraform_resource_type}.{settings.friendly_unique_id}"
    for database in catalog.databases.values():
        database.depends_on = [*(database.depends_on or []), settings_address]


def _settings(stack: PlatformStack, resource: str, **provider: Any) -> LakeformationDataLakeSettings:
    """A region's settings. The only administrator is the deployer's role, which gets no data.

    The role that plans reads what the administrator sees: to others Lake Formation denies or hides grants.
    """
    env = stack.env
    role = f"arn:aws:iam::{env.account}:role"
    readers = [f"{role}/{env.stack.plan_role}"] if env.stack.plan_role else None
    settings = LakeformationDataLakeSettings(
        stack,
        resource,
        admins=[f"{role}/{env.stack.deployer_role}"],
        read_only_admins=readers,
        allow_external_data_filtering=False,
        **provider,
    )
    # Explicitly empty, because AWS's default opens every new table to IAMAllowedPrincipals.
    settings.add_override("create_database_default_permissions", [])
    settings.add_override("create_table_default_permissions", [])
    return settings


def _locations(
    stack: PlatformStack, keys: Keys, storage: Storage, settings: LakeformationDataLakeSettings
) -> Mapping[str, LakeformationResource]:
    """The registered location of each layer.

    Without hybrid access: a principal's own S3 permissions open no table of the catalog.
    """
    role = _data_access_role(stack, keys)
    return {
        zone: LakeformationResource(
            stack,
            f"location_{zone}",
            arn=f"arn:aws:s3:::{names.bucket(stack.env, zone)}",
            role_arn=role.arn,
            hybrid_access_enabled=False,
            use_service_linked_role=False,
            depends_on=[settings, storage.zones[zone].policy, *role.policies],
        )
        for zone in TABLE_ZONES
    }


def _data_access_role(stack: PlatformStack, keys: Keys) -> ServiceRole:
    """The role with which Lake Formation reads for people. Jobs write with their own roles.

    Its guide asks for trust in both services, and promises neither aws:SourceAccount nor aws:SourceArn:
    https://docs.aws.amazon.com/lake-formation/latest/dg/registration-role.html
    """
    env = stack.env
    buckets = [f"arn:aws:s3:::{names.bucket(env, zone)}" for zone in TABLE_ZONES]
    key_arns = sorted({keys.of(zone).arn for zone in TABLE_ZONES})
    statements: dict[str, dict[str, Any]] = {
        "ListTables": {"Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": buckets},
        "ReadTables": {"Action": "s3:GetObject", "Resource": [f"{arn}/*" for arn in buckets]},
        "ReadEncrypted": {"Action": "kms:Decrypt", "Resource": key_arns},
    }
    services = ["lakeformation.amazonaws.com", "glue.amazonaws.com"]
    return service_role(stack, "data_access", services, statements, says_account=False)
