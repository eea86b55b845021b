"""Where a table is stored: how its files are reached, and what lies in the Lakebase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glue_jobs.connections.staging import s3_files
from glue_jobs.s3 import S3Uri
from lakehouse.environments import Environment, names

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from pyarrow.dataset import Dataset


def refuse_lakebase(table: str) -> None:
    """Raises RunError (RUN060), with its name there, for a table that its contract stores in the Lakebase."""
    from glue_jobs.errors import RunError
    from lakehouse.contracts import load_schemas

    contract = load_schemas().contracts.get(table)
    if contract and contract.lake.store == "postgres":
        lakebase_name = f"{names.lakebase_schema(contract.layer)}.{contract.name}"
        raise RunError(f"{table} is {lakebase_name} of the Lakebase; ask PostgreSQL", code="RUN060")


def refuse_unknown(table: str) -> None:
    """Raises BadParameter, with the nearest table, for a table that no contract describes."""
    from cli.common import unknown
    from lakehouse.contracts import load_schemas

    contracts = load_schemas().contracts
    if table not in contracts:
        raise unknown("table", table, sorted(contracts))


def storage_options(env: Environment) -> dict[str, str]:
    """How delta-rs reaches the environment's S3."""
    options = {"AWS_REGION": env.region, "AWS_S3_ALLOW_UNSAFE_RENAME": "true"}
    if env.aws.endpoint:
        options |= {"AWS_ENDPOINT_URL": env.aws.endpoint, "AWS_ALLOW_HTTP": "true"}
        options |= {
            "AWS_ACCESS_KEY_ID": env.aws.access_key or "",
            "AWS_SECRET_ACCESS_KEY": env.aws.secret_key or "",
        }
    return options


def arrow_dataset(env: Environment, table: DeltaTable) -> Dataset:
    """A table of the environment's S3 as DuckDB reads it, by Arrow's own S3 client.

    delta-rs offers a client in Python. A thread of Arrow that still holds such a file while the interpreter
    ends would abort the process after its work is done.
    """
    from pyarrow.fs import SubTreeFileSystem

    files = SubTreeFileSystem(S3Uri.parse(table.table_uri).path, s3_files(env))
    return table.to_pyarrow_dataset(filesystem=files)
