"""Tables in the Glue catalog with their real columns, comments, keys and tags, as Athena and Lake Formation want them."""

from __future__ import annotations

from typing import Any

from glue_jobs.job_types.concurrency import side_by_side
from glue_jobs.run_context import RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.tables import delta_log
from lakehouse.contracts import Contract
from lakehouse.contracts.catalog import database_description, table_input
from lakehouse.environments import names


class Register:
    """Registers every table that the job row reads; what is registered already is brought up to date."""

    def execute(self, run: RunContext) -> None:
        for layer in sorted({t.split(".")[0] for t in run.job.reads}):
            database(run, layer)
        side_by_side(lambda table: self._register(run, run.contract(table)), run.job.reads)

    def _register(self, run: RunContext, contract: Contract) -> None:
        version = delta_log.version(run.session, run.uri(contract.table))
        if version < 0:
            from glue_jobs.errors import RunError

            raise RunError(
                f"table {contract.table} does not exist at {run.uri(contract.table)}", code="RUN201"
            )
        glue, database = run.aws.glue, names.database(run.env, contract.layer)
        wanted: Any = table_input(contract, run.uri(contract.table))
        try:
            glue.update_table(DatabaseName=database, TableInput=wanted)
        except glue.exceptions.EntityNotFoundException:
            glue.create_table(DatabaseName=database, TableInput=wanted)
        run.count(contract.table, Counts())


def database(run: RunContext, layer: str) -> None:
    """On AWS the stack has made it, and the run's role may make none; only a world without the stack lacks it."""
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
