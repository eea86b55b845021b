"""Whose rows are left out of a table, and the key by which personal values are masked in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from glue_jobs.contract.forgotten import flag_forgotten
from glue_jobs.errors import RunError
from glue_jobs.observability.secrets import NEXT_KEY, Secrets
from glue_jobs.state.tombstones import read_tombstones
from lakehouse.contracts import Contract
from lakehouse.contracts.subjects import column_of
from lakehouse.environments import Environment
from lakehouse.environments.stack import MASKING_SECRET

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def forgotten_flag(
    env: Environment, secrets: Secrets, contract: Contract
) -> Callable[[DataFrame], DataFrame] | None:
    """What flags the rows of forgotten persons (glue_jobs/contract/forgotten.py) among those of a table.

    None where nobody was forgotten by a column of it: then no row is looked at.
    """
    tombstones = read_tombstones(env, secrets)
    if tombstones is None:
        return None
    named = {name: column_of(contract, name) for name, hashes in tombstones.hashes.items() if hashes}
    columns = {name: column for name, column in named.items() if column}
    if not columns:
        return None
    return lambda rows: flag_forgotten(rows, columns, tombstones.hashes, tombstones.key)


def masking_key(env: Environment, secrets: Secrets) -> str:
    """The environment's key for hashes of personal values.

    Raises RunError (RUN072) while the key is rotated: hashes of both keys would stand side by side.
    """
    fields = secrets.get(MASKING_SECRET)
    if fields.get(NEXT_KEY):
        raise RunError(
            "the masking key is being rotated; finish it with "
            f"`lakehouse pii rotate --env {env.name}`, then start this run again",
            code="RUN072",
        )
    return fields.get("key", "")
