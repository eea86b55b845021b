"""Operations that the stack uses and moto lacks.

A module answers whole operations, or corrects one of moto's. It is imported at the first request to its
service: moto's EC2 alone takes two seconds to import.
"""

import importlib
from functools import cache

from local_aws.extensions import calls
from local_aws.extensions.calls import ApiError, Call, Reply, parse

# Service, as requests are signed for it → the modules that extend it.
MODULES = {
    "airflow": ("mwaa",),
    "athena": ("athena", "athena_queries"),
    "backup": ("backup", "backup_jobs"),
    "budgets": ("budgets",),
    "ec2": ("group_rules",),
    "events": ("rules",),
    "glue": ("catalog_listings", "glue_connections", "glue_jobs", "glue_runs", "glue_tags"),
    "lakeformation": ("data_cells", "lf_credentials", "lf_permissions", "lf_tags"),
    "lambda": ("functions",),
    "monitoring": ("alarms",),
    "rds": ("rds", "rds_restores"),
    "s3": ("batch_jobs", "bucket_documents", "bucket_policies", "replicated_buckets"),
    "servicequotas": ("quotas",),
    "sns": ("topics",),
    "states": ("state_machines",),
}


def answer(call: Call | None) -> Reply | None:
    """The reply, or None when moto answers the request."""
    if call is None:
        return None
    _load(call.service)
    return calls.answer(call)


@cache
def _load(service: str) -> None:
    for module in MODULES.get(service, ()):
        importlib.import_module(f"{__name__}.{module}")


__all__ = ["MODULES", "ApiError", "Call", "Reply", "answer", "parse"]
