"""What moto lacks of what the stack uses. A module answers whole operations, or mends one of moto's; everything else stays moto's."""

from local_aws.extensions import (
    alarms,
    athena,
    backup,
    bucket_documents,
    bucket_policies,
    budgets,
    data_cells,
    functions,
    glue_connections,
    glue_tags,
    group_rules,
    lf_permissions,
    lf_tags,
    mwaa,
    rds,
)
from local_aws.extensions.calls import ApiError, Call, Reply, answer, operations

MODULES = (
    alarms,
    athena,
    backup,
    bucket_documents,
    bucket_policies,
    budgets,
    data_cells,
    functions,
    glue_connections,
    glue_tags,
    group_rules,
    lf_permissions,
    lf_tags,
    mwaa,
    rds,
)

__all__ = ["MODULES", "ApiError", "Call", "Reply", "answer", "operations"]
