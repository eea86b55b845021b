"""Registers tables in the Glue catalog: columns, comments, keys and tags, for Athena and Lake Formation."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from glue_jobs.errors import RunError
from glue_jobs.job_types.retries import run_tables
from glue_jobs.run_context import RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.tables import delta_log
from lakehouse.contracts import Contract
from lakehouse.contracts.catalog import database_description, table_input
from lakehouse.environments import names

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import TableInputTypeDef


class Register:
    """Registers every table that the job row reads, and updates those that the catalog already has."""

    def execute(self, run: RunContext) -> None:
        for layer in sorted({t.split(".")[0] for t in run.job.reads}):
            ensure_database(run, layer)
        run_tables(run, lambda table: self._register(run, run.contract(table)), run.job.reads)

    def _register(self, run: RunContext, contract: Contract) -> None:
        uri = run.uri(contract.table)
        # A table follows its contract at its next write; until then the catalog shows what it has.
        stored = delta_log.columns(run.session, uri)
        if not stored:
            raise RunError(f"table {contract.table} does not exist at {uri}", code="RUN201")
        glue, database = run.aws.glue, names.database(run.env, contract.layer)
        entry = cast("TableInputTypeDef", table_input(contract, uri, stored))
        try:
            glue.update_table(DatabaseName=database, TableInput=entry)
        except glue.exceptions.EntityNotFoundException:
            glue.create_table(DatabaseName=database, TableInput=entry)
        run.count(contract.table, Counts())


def ensure_database(run: RunContext, layer: str) -> None:
    """Creates the database of a layer where it is missing.

    On AWS the stack creates it, and the role of a run must not; only an environment without the stack lacks
    it.
    """
    glue, name = run.aws.glue, names.database(run.env, layer)
    try:
        glue.get_database(Name=name)
        return
    except glue.exceptions.EntityNotFoundException:
        pass
    try:
        glue.create_database(
            DatabaseInput={"Name": name, "Description": database_description(run.env, layer)}
        )
    except glue.exceptions.AlreadyExistsException:
        pass
