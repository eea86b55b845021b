"""Keys to a table's files, which Lake Formation gives to programs that it trusts to filter rows and columns.

https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetTemporaryGlueTableCredentials.html
"""

from __future__ import annotations

import json
from typing import Any

from moto.glue.models import glue_backends
from moto.lakeformation.models import lakeformation_backends

from local_aws.athena.table_access import EVERY_ROW, is_administrator, registered_role, table_access
from local_aws.extensions.calls import ApiError, Call, path
from local_aws.functions.calls import current
from local_aws.iam.sessions import Sessions

_sessions = Sessions()
_SECONDS = 3600


@path("lakeformation", "POST", "/GetTemporaryGlueTableCredentials")
def table_credentials(call: Call) -> dict[str, Any]:
    """Keys to read the files of one table, as the role of its registered location, and of no other."""
    host = current()
    if host is None:
        raise ApiError("InternalServiceException", "nothing is executed here")
    database, name = str(call.params["TableArn"]).split(":table/")[1].split("/")
    table = _table(call, database, name)
    location = str(table["StorageDescriptor"]["Location"]).removeprefix("s3://").rstrip("/")
    role = registered_role(call.account, call.region, location)
    if role is None:
        raise ApiError("InvalidInputException", f"The location of {name} is not registered")
    _require_granted(call, database, name, [c["Name"] for c in table["StorageDescriptor"]["Columns"]])
    answer = host.client("sts", call.region).assume_role(
        RoleArn=role, RoleSessionName="lake-formation", DurationSeconds=_SECONDS, Policy=_reads(location)
    )
    keys = answer["Credentials"]
    return {
        **{key: keys[key] for key in ("AccessKeyId", "SecretAccessKey", "SessionToken")},
        "Expiration": keys["Expiration"].timestamp(),
    }


def _require_granted(call: Call, database: str, name: str, columns: list[str]) -> None:
    """Raises ApiError unless the caller may read every column in every row, and programs may get keys."""
    settings = lakeformation_backends[call.account][call.region].settings[call.account]
    if not settings.get("AllowFullTableExternalDataAccess"):
        raise ApiError(
            "AccessDeniedException", "The account gives no keys to programs outside AWS's services"
        )
    if not call.is_of_session:
        return
    role = _sessions.principal(call.account, call.access_key).identity.role_arn
    if is_administrator(call.account, call.region, role):
        return
    rows = table_access(call.region, role, database, name, columns).rows
    if not rows:
        message = f"Insufficient Lake Formation permission(s): Required Select on {name}"
        raise ApiError("AccessDeniedException", message)
    if not all(EVERY_ROW in rows.get(column, ()) for column in columns):
        message = "The grant is on some columns or rows of the table, which these keys cannot keep to"
        raise ApiError("PermissionTypeMismatchException", message)


def _table(call: Call, database: str, name: str) -> dict[str, Any]:
    known = {d.name: d for d in glue_backends[call.account][call.region].get_databases()}
    table = known[database].tables.get(name) if database in known else None
    if table is None:
        raise ApiError("EntityNotFoundException", f"Table {name} not found")
    described: dict[str, Any] = table.as_dict()
    return described


def _reads(location: str) -> str:
    bucket, _, key = location.partition("/")
    statements = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{location}/*"},
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{bucket}",
            "Condition": {"StringLike": {"s3:prefix": [key, f"{key}/*"]}},
        },
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
