"""The engines that read gold: Athena, the Lakebase for applications, and the warehouses."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.athena_workgroup import AthenaWorkgroup

from infra.constructs.workgroup import WorkgroupSpec, workgroup
from infra.parts.catalog.catalog import Catalog
from infra.parts.catalog.connections import lakebase_connections
from infra.parts.encryption.keys import Keys
from infra.parts.encryption.secrets import Secrets
from infra.parts.network.network import Network
from infra.parts.serving.lakebase import Lakebase, lakebase
from infra.parts.serving.warehouse_roles import warehouse_roles
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Zone


@dataclass(frozen=True)
class Serving:
    """What reads gold."""

    workgroup: AthenaWorkgroup
    lakebase: Lakebase


def add_serving(
    stack: PlatformStack, keys: Keys, network: Network, storage: Storage, secrets: Secrets, catalog: Catalog
) -> Serving:
    """Athena's workgroup, the Lakebase with the connections to it, and the roles of the warehouses."""
    warehouse_roles(stack, keys)
    made = lakebase(stack, keys, network)
    lakebase_connections(stack, network, secrets, catalog.encryption, made.url)
    return Serving(_workgroup(stack, keys, storage), made)


def _workgroup(stack: PlatformStack, keys: Keys, storage: Storage) -> AthenaWorkgroup:
    """The workgroup of the platform and its applications. Each role of people has one of its own."""
    env = stack.env
    spec = WorkgroupSpec(
        construct_id="workgroup",
        name=names.workgroup(env),
        purpose=f"Queries of {env.project} {env.name}",
        results="results/",
        key=keys.platform,
        after=storage.zones[Zone.ATHENA].policy,
    )
    return workgroup(stack, spec)
