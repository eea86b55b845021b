"""The permissions of people's roles to see the catalog and to query."""

from __future__ import annotations

from typing import Any

from infra.parts.encryption.keys import Keys
from lakehouse.environments import names
from lakehouse.environments.model import Environment
from lakehouse.environments.names import LAYERS, Zone

Statements = dict[str, dict[str, Any]]


def see_catalog(env: Environment, keys: Keys) -> Statements:
    """Reads the catalog, which shows a principal only what Lake Formation grants."""
    databases = [names.database(env, layer) for layer in LAYERS]
    catalog = f"arn:aws:glue:{env.region}:{env.account}"
    actions = ["GetDatabase", "GetDatabases", "GetTable", "GetTables", "GetPartition", "GetPartitions"]
    return {
        "LookIntoTheCatalog": {
            "Action": [f"glue:{action}" for action in actions],
            "Resource": [
                f"{catalog}:catalog",
                *(f"{catalog}:database/{database}" for database in databases),
                *(f"{catalog}:table/{database}/*" for database in databases),
            ],
        },
        "KeyOfCatalog": _key("kms:Decrypt", keys, f"glue.{env.region}.amazonaws.com"),
    }


_ATHENA = (
    "GetQueryExecution",
    "GetQueryResults",
    "GetWorkGroup",
    "ListQueryExecutions",
    "StartQueryExecution",
    "StopQueryExecution",
)


def query(env: Environment, keys: Keys, role: str) -> Statements:
    """Queries in the role's workgroup, whose results only this role reads."""
    bucket, results = f"arn:aws:s3:::{names.bucket(env, Zone.ATHENA)}", names.role_results(role)
    workgroup = f"arn:aws:athena:{env.region}:{env.account}:workgroup/{names.role_workgroup(env, role)}"
    s3_actions = ["GetObject", "PutObject", "AbortMultipartUpload", "ListMultipartUploadParts"]
    results_key = _key(["kms:Decrypt", "kms:GenerateDataKey"], keys, f"s3.{env.region}.amazonaws.com")
    return {
        "Ask": {"Action": [f"athena:{action}" for action in _ATHENA], "Resource": workgroup},
        # The console's query editor opens with these; they show names alone.
        "AnyListOfTheConsole": {
            "Action": [
                "athena:GetDataCatalog",
                "athena:ListDataCatalogs",
                "athena:ListDatabases",
                "athena:ListTableMetadata",
                "athena:ListWorkGroups",
            ],
            "Resource": "*",
        },
        # This action takes no resource; Lake Formation's grants decide on tables.
        "AnyDataThatLakeFormationGrants": {"Action": "lakeformation:GetDataAccess", "Resource": "*"},
        "FindResults": {"Action": "s3:GetBucketLocation", "Resource": bucket},
        "ListResults": {
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringLike": {"s3:prefix": f"{results}*"}},
        },
        "OwnResults": {
            "Action": [f"s3:{action}" for action in s3_actions],
            "Resource": f"{bucket}/{results}*",
        },
        "KeyOfResults": results_key,
    }


def _key(action: str | list[str], keys: Keys, service: str) -> dict[str, Any]:
    """The platform's key, through one AWS service only."""
    return {
        "Action": action,
        "Resource": keys.platform.arn,
        "Condition": {"StringEquals": {"kms:ViaService": service}},
    }
