"""One query in Athena's SQL: sqlglot translates it, DuckDB answers it from the catalog's tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from local_aws.athena.query_error import QueryError, missing, worded
from local_aws.athena.visible import Access, visible_rows
from local_aws.glue.host import GlueHost

_SCHEMA = "catalog_tables"
_TYPES = {
    "HUGEINT": "bigint",
    "VARCHAR": "varchar",
    "BLOB": "varbinary",
    "FLOAT": "real",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
}
_DUCKDB_SETTINGS = (("enable_external_access", "false"), ("lock_configuration", "true"))


@dataclass(frozen=True)
class QueryAnswer:
    """`columns`: (name, Athena's type). `scanned_bytes`: of all files of the tables that are read."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    scanned_bytes: int


def answer_of(
    host: GlueHost, region: str, sql: str, database: str, access: Access | None = None
) -> QueryAnswer:
    """The answer of one SELECT; tables without a database are of `database`.

    `access` says what the caller may read; None for the account's owner, who may read all. Raises QueryError.
    """
    import duckdb
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        (statement,) = sqlglot.parse(sql, dialect="athena")
    except (SqlglotError, ValueError) as error:
        raise QueryError(f"SYNTAX_ERROR: {str(error).splitlines()[0]}") from error
    if not isinstance(statement, sqlglot.exp.Query):
        raise QueryError("NOT_SUPPORTED: the embedded Athena answers queries alone")
    connection = duckdb.connect()
    try:
        scanned = _provide(connection, _Catalog(host, region, access), _tables(statement, database))
        for setting, value in _DUCKDB_SETTINGS:
            connection.execute(f"SET {setting} = {value}")
        result = connection.execute(statement.sql("duckdb"))
        columns = tuple((c[0].lower(), _type(str(c[1]))) for c in result.description or ())
        return QueryAnswer(columns, tuple(result.fetchall()), scanned)
    except duckdb.Error as error:
        raise QueryError(worded(str(error).splitlines()[0])) from error
    finally:
        connection.close()


@dataclass(frozen=True)
class _Catalog:
    """Where the tables of a query are, and what its caller may read of them."""

    host: GlueHost
    region: str
    access: Access | None


def _provide(connection: Any, catalog: _Catalog, tables: dict[tuple[str, str], list[Any]]) -> int:
    """Makes a view of each table that the query names, and puts it in the place of its mentions.

    Returns the bytes of all files of the tables.
    """
    import sqlglot

    scanned = 0
    connection.execute(f"CREATE SCHEMA {_SCHEMA}")
    for number, (name, mentions) in enumerate(tables.items()):
        location = _location(catalog.host, catalog.region, name)
        stored = _open(catalog.host, catalog.region, name, location)
        rows = _rows(catalog.host, catalog.region, stored)
        allowed = catalog.access(location, name, rows.schema.names) if catalog.access else None
        scanned += sum(stored.get_add_actions(flatten=True).column("size_bytes").to_pylist())
        connection.register(f"rows_{number}", rows)
        query = visible_rows(f"rows_{number}", name, rows.schema.names, allowed)
        connection.execute(f"CREATE VIEW {_SCHEMA}.table_{number} AS {query}")
        for table in mentions:
            # With its schema no name of a WITH can stand for it.
            view = sqlglot.to_table(f"{_SCHEMA}.table_{number}")
            table.replace(view.as_(table.alias or table.name, table=True))
    return scanned


def _tables(statement: Any, database: str) -> dict[tuple[str, str], list[Any]]:
    """(database, table) → its mentions; names of a WITH are no tables."""
    from sqlglot import exp

    own = {cte.alias.lower() for cte in statement.find_all(exp.CTE)}
    tables: dict[tuple[str, str], list[Any]] = {}
    for table in list(statement.find_all(exp.Table)):
        # A function that makes rows, such as UNNEST, has no name.
        if isinstance(table.this, exp.Identifier) and (table.db or table.name.lower() not in own):
            name = ((table.db or database).lower(), table.name.lower())
            tables.setdefault(name, []).append(table)
    return tables


def _location(host: GlueHost, region: str, name: tuple[str, str]) -> str:
    """Where the table's files lie, as the catalog says."""
    try:
        table = host.client("glue", region).get_table(DatabaseName=name[0], Name=name[1])["Table"]
    except ClientError as error:
        raise QueryError(missing(name)) from error
    return str(table["StorageDescriptor"]["Location"]).rstrip("/")


def _open(host: GlueHost, region: str, name: tuple[str, str], location: str) -> Any:
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    options = {
        "AWS_REGION": region,
        "AWS_ENDPOINT_URL": host.endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    try:
        return DeltaTable(location, storage_options=options)
    except TableNotFoundError as error:
        raise QueryError(f"DELTA_LAKE_INVALID_TABLE: {name[0]}.{name[1]} has no transaction log") from error


def _rows(host: GlueHost, region: str, table: Any) -> Any:
    """The rows as Arrow reads them; a file client in Python could outlive the interpreter."""
    from pyarrow.fs import S3FileSystem, SubTreeFileSystem

    files = S3FileSystem(
        access_key="testing",
        secret_key="testing",
        endpoint_override=urlsplit(host.endpoint).netloc,
        scheme="http",
        region=region,
    )
    location = urlsplit(table.table_uri)
    return table.to_pyarrow_dataset(filesystem=SubTreeFileSystem(f"{location.netloc}{location.path}", files))


def _type(of_duckdb: str) -> str:
    """DuckDB's type in Athena's words."""
    return _TYPES.get(of_duckdb, of_duckdb.lower().replace(" ", ""))
