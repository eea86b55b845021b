"""Opens the copies of the second region to readers: a role sees there what it sees in the first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from glue_jobs.aws import clients
from lakehouse.access.evaluate import TableView, view
from lakehouse.access.reader import load_policy
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from lakehouse.environments.names import LAYERS, Zone

POLICY = "copies"
DATA_ACCESS = "data_access"


@dataclass(frozen=True)
class Opening:
    """A table of the second region as a role reads it. `filtered`: rows are hidden, so it stays closed."""

    role: str
    table: str
    columns: tuple[str, ...]
    filtered: bool

    @property
    def state(self) -> str:
        return "closed: the role sees some rows alone" if self.filtered else f"{len(self.columns)} columns"


def openings(roles: list[str]) -> list[Opening]:
    """The tables that roles read in the first region. A table of which a role sees some rows stays closed."""
    schemas, policy = load_schemas(), load_policy()
    return [
        Opening(role, seen.table, tuple(c.column for c in seen.shown), _is_filtered(seen))
        for role in roles
        for seen in view(policy, role, schemas.on_lake)
        if seen.shown
    ]


def _is_filtered(seen: TableView) -> bool:
    return any(column.rows for column in seen.shown)


def open_readers(second: Environment, plan: list[Opening]) -> None:
    """Registers the copies, lets Lake Formation read them, and grants. Given again, it changes nothing."""
    lake, role = _client(second, "lakeformation"), names.service_role(second, DATA_ACCESS)
    document = json.dumps({"Version": "2012-10-17", "Statement": list(_statements(second))})
    _client(second, "iam").put_role_policy(RoleName=role, PolicyName=POLICY, PolicyDocument=document)
    arn = f"arn:aws:iam::{second.account}:role/{role}"
    for bucket in _buckets(second):
        try:
            lake.register_resource(ResourceArn=f"arn:aws:s3:::{bucket}", RoleArn=arn)
        except lake.exceptions.AlreadyExistsException:
            continue
    for opening in plan:
        if not opening.filtered:
            lake.grant_permissions(**_grant(second, opening))


def close_readers(second: Environment, plan: list[Opening]) -> None:
    """Takes the grants, the locations and the right to read away again."""
    lake, iam = _client(second, "lakeformation"), _client(second, "iam")
    for opening in plan:
        if not opening.filtered:
            _revoke(lake, _grant(second, opening))
    for bucket in _buckets(second):
        try:
            lake.deregister_resource(ResourceArn=f"arn:aws:s3:::{bucket}")
        except lake.exceptions.EntityNotFoundException:
            continue
    role = names.service_role(second, DATA_ACCESS)
    try:
        iam.delete_role_policy(RoleName=role, PolicyName=POLICY)
    except iam.exceptions.NoSuchEntityException:
        return


def _revoke(lake: Any, grant: dict[str, Any]) -> None:
    """Takes a grant away; one that was never given, or is gone already, stays away."""
    try:
        lake.revoke_permissions(**grant)
    except lake.exceptions.InvalidInputException as error:
        if "No permissions revoked" not in str(error):
            raise


def _grant(second: Environment, opening: Opening) -> dict[str, Any]:
    layer, name = opening.table.split(".")
    role = f"arn:aws:iam::{second.account}:role/{names.person_role(second, opening.role)}"
    columns = {"DatabaseName": names.database(second, layer), "Name": name, "ColumnNames": [*opening.columns]}
    return {
        "Principal": {"DataLakePrincipalIdentifier": role},
        "Resource": {"TableWithColumns": columns},
        "Permissions": ["SELECT"],
    }


def _statements(second: Environment) -> Iterator[dict[str, Any]]:
    """What Lake Formation's role needs to read the copies, beside what it reads in the first region."""
    buckets = [f"arn:aws:s3:::{bucket}" for bucket in _buckets(second)]
    list_actions = ["s3:ListBucket", "s3:GetBucketLocation"]
    yield {"Effect": "Allow", "Action": list_actions, "Resource": buckets}
    yield {"Effect": "Allow", "Action": "s3:GetObject", "Resource": [f"{arn}/*" for arn in buckets]}
    if keys := sorted({key for bucket in _buckets(second) if (key := _key(second, bucket))}):
        yield {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": keys}


def _key(second: Environment, bucket: str) -> str | None:
    """The key that the objects of a bucket are encrypted with."""
    from botocore.exceptions import ClientError

    try:
        answer = clients(second).s3.get_bucket_encryption(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ServerSideEncryptionConfigurationNotFoundError":
            return None
        raise
    (rule,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
    return rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID")


def _buckets(second: Environment) -> list[str]:
    return [names.replica_bucket(second, Zone(layer)) for layer in LAYERS]


def _client(second: Environment, service: str) -> Any:
    return clients(second).client(service)
