"""`lakehouse query`: SQL over the tables, by DuckDB where the world is embedded and by Athena where it is
AWS.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.common import EnvName, Json, day_option, live_environment, print_rows
from cli.tables.storage import refuse_lakebase
from lakehouse.environments import Environment, names
from lakehouse.environments.systems import LAKEBASE
from lakehouse.pipelines.sql_catalogs import LAYERS

if TYPE_CHECKING:
    from cli.tables.versions import At


def query(
    sql: Annotated[str, typer.Argument(help="Tables are named <layer>.<table>, such as gold.fact_sales.")],
    env: EnvName,
    lakebase: Annotated[
        bool,
        typer.Option(help="Ask the Lakebase, where streams put rows for applications, and not the lake."),
    ] = False,
    as_of: Annotated[
        datetime | None,
        day_option(
            "--as-of",
            help="Tables as they were at the end of this day in UTC, by their commits.",
        ),
    ] = None,
    version: Annotated[
        int | None, typer.Option(min=0, help="The version of the one table that the query names.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Answer one SQL query over bronze, silver and gold.

    `silver.orders VERSION AS OF 3` and `silver.orders TIMESTAMP AS OF '2017-01-31 10:00'` are a table as it
    was, for as long as its files are kept.
    """
    environment = live_environment(env)
    if lakebase and (as_of or version is not None):
        raise typer.BadParameter("the Lakebase keeps no old versions; its backups do")
    from cli.tables.versions import At

    at = At.end_of(as_of.date()) if as_of else At(version=version) if version is not None else None
    columns, rows = of_lakebase(environment, sql) if lakebase else answer(environment, sql, at)
    print_rows("", columns, rows, as_json=as_json, null="NULL")


def answer(env: Environment, sql: str, at: At | None = None) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of a query. `at`: the state of each table for which the query states none."""
    from cli.tables.time_travel import with_views

    views = with_views(sql)
    if env.aws.endpoint:
        from cli.tables.lake_query import lake_query

        return lake_query(env, views, at)
    if at is not None or views != sql:
        from glue_jobs.errors import RunError

        raise RunError(
            "Athena reads the newest version of a Delta table alone; bring the state of a day back with "
            f"`lakehouse table restore --env {env.name} TABLE --to DAY`, ask, and undo it",
            code="RUN606",
        )
    return by_athena(env, sql)


def of_lakebase(env: Environment, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Runs one statement that reads; PostgreSQL refuses one that writes.

    Raises RunError (RUN060; RUN420 and on when it cannot be reached).
    """
    import psycopg

    from cli.tables.layer_names import with_databases
    from glue_jobs.connections.postgres import Login, is_down
    from glue_jobs.errors import RunError, first_line
    from glue_jobs.observability.secrets import Secrets

    login = Login.of(Secrets(env).get(LAKEBASE))
    sql = with_databases(sql, "postgres", names.lakebase_schema)

    def ask() -> tuple[list[str], list[tuple[Any, ...]]]:
        try:
            with login.session() as connection:
                connection.read_only = True
                with connection.transaction():
                    # Prepared: there may be one statement alone, so none that ends the transaction which only
                    # reads.
                    cursor = connection.execute(sql, prepare=True)
                    return [
                        column.name for column in cursor.description or ()
                    ], cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            # That this transaction only reads is no sign of a failover.
            if error.sqlstate is None and is_down(error):
                raise
            # The caller's own query: whoever may see its rows may see its message.
            message = error.diag.message_primary or first_line(error)
            raise RunError(message, code="RUN060") from None

    return login.with_retries(ask)


def by_athena(env: Environment, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows as Athena answers, over the tables of the Glue catalog."""
    import awswrangler as wr

    from cli.tables.layer_names import named_tables, with_databases
    from glue_jobs.aws import clients

    if env.aws.endpoint:
        wr.config.athena_endpoint_url = wr.config.s3_endpoint_url = env.aws.endpoint
        wr.config.glue_endpoint_url = env.aws.endpoint
    for database, table in named_tables(sql, "athena"):
        refuse_lakebase(f"{LAYERS[database.lower()]}.{table}")
    sql = with_databases(sql, "athena", lambda layer: names.database(env, layer))
    aws = clients(env)
    # Each role of people has a workgroup, which alone may write to the folder of its results.
    workgroup = workgroup_of(env, aws.client("sts").get_caller_identity()["Arn"])
    frame = wr.athena.read_sql_query(
        sql,
        database=names.database(env, "gold"),
        workgroup=workgroup,
        ctas_approach=False,
        boto3_session=aws.session,
    )
    return list(frame.columns), [tuple(row) for row in frame.itertuples(index=False)]


def workgroup_of(env: Environment, caller: str) -> str:
    """The Athena workgroup of a caller, by the ARN of the role that a person has taken on.

    That of the platform for anybody who has none of the roles of grants.yml.
    """
    from lakehouse.access import load_policy

    assumed = caller.partition(":assumed-role/")[2].partition("/")[0]
    role = assumed.removeprefix(names.person_role(env, ""))
    declared = load_policy().roles.get(role) if assumed != role else None
    return names.role_workgroup(env, role) if declared and "query" in declared.may else names.workgroup(env)
