"""Aurora: settings of clusters and instances that moto drops or invents."""

from __future__ import annotations

from typing import Any

from moto.rds.models import DBCluster, DBInstance

_first = DBInstance.__init__
_scaling = DBCluster.scaling_configuration_info.fget  # type: ignore[attr-defined]


def _with_insights(instance: Any, *arguments: Any, **named: Any) -> None:
    _first(instance, *arguments, **named)
    on = bool(named.get("enable_performance_insights"))
    instance.performance_insights_enabled = on
    instance.performance_insights_kms_key_id = named.get("performance_insights_kms_key_id") if on else None
    instance.performance_insights_retention_period = (
        named.get("performance_insights_retention_period") if on else None
    )


def _only_if_set(cluster: Any) -> dict[str, Any] | None:
    """None for a cluster without settings of Serverless v1; moto shows empty ones on every cluster."""
    settings: dict[str, Any] = _scaling(cluster)
    return settings if cluster.scaling_configuration else None


DBInstance.__init__ = _with_insights  # type: ignore[method-assign,assignment]
DBCluster.scaling_configuration_info = property(_only_if_set)  # type: ignore[assignment]
