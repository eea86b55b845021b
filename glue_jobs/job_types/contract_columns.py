"""Brings a table that gets no rows to the columns of its contract."""

from __future__ import annotations

from glue_jobs.run_context import RunContext
from glue_jobs.session import job_session
from glue_jobs.state.lease import lease
from glue_jobs.tables import delta_log
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.evolution import evolve
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract


def follow_contract(run: RunContext, contract: Contract, app: str) -> None:
    """Gives a table that exists the columns of its contract, though there is nothing to write.

    The catalog has them since the deploy, and Lake Formation wants both alike.
    """
    session, uri = job_session(run.session), run.uri(contract.table)
    stored = delta_log.columns(session, uri)
    if not stored or stored == list(contract.stored):
        return
    with lease(run.env, contract.table, run.run_id) as guard:
        evolve(Target(session, uri, contract, Txn(f"{app}.columns", 1, ""), guard.check))
