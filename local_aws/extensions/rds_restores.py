"""Aurora: clusters that are restored from a backup have its rows, at an address that answers."""

from __future__ import annotations

from typing import Any

from moto.rds.models import DBCluster, RDSBackend

from local_aws.backups.aurora_clusters import TYPE, snapshot_name
from local_aws.backups.lakebase_data import current

_restore = RDSBackend.restore_db_cluster_from_snapshot
_endpoint, _reader = DBCluster.endpoint, DBCluster.reader_endpoint


def _restored(backend: Any, from_snapshot_id: str, overrides: dict[str, Any]) -> Any:
    name = snapshot_name(from_snapshot_id)
    snapshot = backend.cluster_snapshots.get(name)
    if snapshot is None or snapshot.snapshot_type != TYPE:
        return _restore(backend, from_snapshot_id, overrides)
    stated = {name: value for name, value in overrides.items() if value}
    cluster = backend.create_db_cluster({**_facts(snapshot.cluster), **stated})
    data, rows = current(), getattr(snapshot, "rows", None)
    if data is not None and rows is not None:
        cluster.address, cluster.port = data.load(cluster.db_cluster_identifier, rows)
        cluster.database_name = cluster.db_cluster_identifier
    return cluster


def _facts(cluster: Any) -> dict[str, Any]:
    """The parameters that made a cluster. moto's own list fails where RDS keeps the password."""
    facts = {name: value for name, value in vars(cluster).items() if name != "backend"}
    private = ("_master_user_password", "_enable_http_endpoint", "_vpc_security_group_ids")
    moved = {name.lstrip("_"): facts.pop(name) for name in private if name in facts}
    return {**facts, **moved, "global_cluster_identifier": None}


def _address(cluster: Any) -> str:
    return getattr(cluster, "address", None) or str(_endpoint.fget(cluster))  # type: ignore[attr-defined]


def _reader_address(cluster: Any) -> str:
    return getattr(cluster, "address", None) or str(_reader.fget(cluster))  # type: ignore[attr-defined]


RDSBackend.restore_db_cluster_from_snapshot = _restored  # type: ignore[method-assign,assignment]
DBCluster.endpoint = property(_address)  # type: ignore[assignment]
DBCluster.reader_endpoint = property(_reader_address)  # type: ignore[assignment]
