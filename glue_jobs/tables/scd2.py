"""Slowly changing dimensions, type 2: a row per version of a key, in intervals without overlaps and gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_

from delta.tables import DeltaTable
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.errors import RunError
from glue_jobs.tables.guarded_write import guarded
from glue_jobs.tables.merge import content_hash, greatest_first, set_transaction
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract

BEGINNING = "1900-01-01 00:00:00"
END = "9999-12-31 00:00:00"
# What the table already stores of a version: its interval, and a hash of its state.
STORED = {"_stored_from": "timestamp", "_stored_to": "timestamp", "_stored_state": "bigint"}

_COLLISION = "two versions of a dimension share a surrogate key"


def versions(
    stored: DataFrame, incoming: DataFrame, contract: Contract, natural_key: Sequence[str]
) -> DataFrame:
    """All versions of the keys in `stored` and `incoming`, with their intervals.

    A version begins at its `valid_since` (source time) and ends where the next one begins. The first version
    is valid from `BEGINNING` or earlier, so that no fact is older than its dimension. A state that changes
    no tracked column is no version. Both frames hold the tracked columns, the natural key and `valid_since`.
    """
    return _reconciled(stored, incoming, contract, natural_key).where("not _gone").drop("_gone", *STORED)


def differences(
    stored: DataFrame, incoming: DataFrame, contract: Contract, natural_key: Sequence[str]
) -> DataFrame:
    """What must change in a table of `stored` versions: new, changed, and with `_gone` those to delete.

    As `versions`, but `stored` holds its intervals too. Both frames are read once.
    """
    content = _content(contract)
    with_state = stored.withColumnsRenamed(
        {"valid_from": "_stored_from", "valid_to": "_stored_to"}
    ).withColumn("_stored_state", content)
    interval = F.col("_stored_from").eqNullSafe(F.col("valid_from")) & F.col("_stored_to").eqNullSafe(
        F.col("valid_to")
    )
    # Of two states of one instant, the stored one may have lost.
    unchanged = interval & F.col("_stored_state").eqNullSafe(content)
    return (
        _reconciled(with_state, incoming, contract, natural_key)
        .where(F.col("_gone") | ~unchanged)
        .drop(*STORED)
    )


def _reconciled(
    stored: DataFrame, incoming: DataFrame, contract: Contract, natural_key: Sequence[str]
) -> DataFrame:
    """The versions with their stored intervals, and with `_gone` stored rows that are none any more."""
    key = Window.partitionBy(*natural_key)
    order = key.orderBy("valid_since")
    nothing = [F.lit(None).cast(kind).alias(name) for name, kind in STORED.items()]
    frames = [
        frame if "_stored_from" in frame.columns else frame.select("*", *nothing)
        for frame in (stored, incoming)
    ]
    states = frames[0].unionByName(frames[1])
    # Of two states of one instant the one with the greater content hash wins, independent of arrival.
    instant = Window.partitionBy(*natural_key, "valid_since")
    ranked = states.withColumn(
        "_n", F.row_number().over(instant.orderBy(*greatest_first(contract.lake.tracked)))
    )
    stored_columns = [F.max(name).over(instant).alias(name) for name in STORED]
    winners = (
        ranked.select(*[c for c in ranked.columns if c not in STORED], *stored_columns)
        .where("_n = 1")
        .drop("_n")
    )
    state = F.struct(*[F.col(c) for c in contract.lake.tracked])
    differs = F.row_number().over(order).eqNullSafe(1) | ~state.eqNullSafe(F.lag(state).over(order))
    # A stored row that is no version any more is kept to be deleted; it does not bound the intervals of
    # versions.
    marked = winners.withColumn("_gone", ~differs).where(~F.col("_gone") | F.col("_stored_from").isNotNull())
    same_fate = Window.partitionBy(*natural_key, "_gone").orderBy("valid_since")
    # A version of before 1900 begins with itself: its interval would end before it began.
    beginning = F.least(F.lit(BEGINNING).cast("timestamp"), "valid_since")
    starts = F.when(F.row_number().over(same_fate) == 1, beginning).otherwise(F.col("valid_since"))
    ends = F.coalesce(F.lead("valid_since").over(same_fate), F.lit(END).cast("timestamp"))
    return (
        marked.withColumn("valid_from", starts)
        .withColumn("valid_to", ends)
        .withColumn("is_current", F.col("valid_to") == F.lit(END).cast("timestamp"))
    )


def too_late() -> Column:
    """The reason to reject a state of `END` or later: no interval could follow it. Null for any other."""
    message = f"valid_since: {END[:10]} or later, where the interval of every last version ends"
    return F.when(F.col("valid_since") >= F.lit(END).cast("timestamp"), F.lit(message))


def _content(contract: Contract) -> Column:
    return content_hash(contract.lake.tracked)


def with_surrogate_key(rows: DataFrame, surrogate: str, natural_key: Sequence[str]) -> DataFrame:
    """Adds a key that depends on natural key and `valid_since` alone: the same after every rebuild."""
    return rows.withColumn(surrogate, F.xxhash64(*[F.col(k) for k in natural_key], F.col("valid_since")))


def check_key_types(contract: Contract, stored: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Raises RunError (RUN216) where the natural key has another type: its hash would be another one."""
    hashed = (*contract.lake.business_key, "valid_since") if contract.lake.write == "scd2" else ()
    for name in hashed:
        if name in stored and name in wanted and stored[name] != wanted[name]:
            kinds = f"{stored[name]} in the table and {wanted[name]} in the contract"
            raise RunError(
                f"{contract.table}: {name} is {kinds}, "
                "and surrogate keys follow from it: each version would be stored once more. "
                "State the table's type again, or make it anew",
                code="RUN216",
            )


def check_surrogate_keys(states: DataFrame, contract: Contract, natural_key: Sequence[str]) -> None:
    """Raises RunError (RUN150) when two states have one key, or one has that of the unknown member."""
    surrogate = contract.primary_key[0]
    instants = states.select(*natural_key, "valid_since").distinct()
    keys = with_surrogate_key(instants, surrogate, natural_key).groupBy(surrogate).count()
    twice = F.col("count") > 1
    unknown = contract.lake.unknown_member.get(surrogate)
    if unknown is not None:
        twice |= F.col(surrogate) == F.lit(unknown)
    first = keys.where(twice).select(surrogate).first()
    if first is not None:
        raise collision(contract, f"the key {first[0]} belongs to two versions of this batch")


def collision(contract: Contract, detail: str) -> RunError:
    """Two versions share a surrogate key. No value of a natural key is in the message."""
    return RunError(f"{contract.table}: {detail}; nothing was written", code="RUN150")


def apply(target: Target, changes: DataFrame) -> None:
    """MERGEs `differences` with their surrogate keys.

    MERGE reads `changes` twice: it must be cheap, such as files. A stored version of another natural key or
    instant under the same surrogate key stops the MERGE: RunError (RUN150).
    """
    set_transaction(target)
    contract = target.contract
    surrogate = contract.primary_key[0]
    values = {n: F.col(f"s.{n}") for n in contract.column_names}
    identity = (*contract.lake.business_key, "valid_since")
    same = reduce(and_, (F.col(f"t.{n}").eqNullSafe(F.col(f"s.{n}")) for n in identity))
    refuse = {surrogate: F.raise_error(F.lit(_COLLISION)).cast(contract.by_name[surrogate].type)}
    merge = (
        DeltaTable.forPath(target.spark, target.uri)
        .alias("t")
        .merge(changes.alias("s"), f"t.{surrogate} = s.{surrogate}")
    )
    merge = merge.whenMatchedUpdate(~same, refuse)  # type: ignore[arg-type]
    merge = merge.whenMatchedDelete("s._gone").whenMatchedUpdate(set=values)  # type: ignore[arg-type]
    try:
        with guarded(target.spark, target.guard):
            merge.whenNotMatchedInsert("not s._gone", values).execute()  # type: ignore[arg-type]
    except Exception as error:
        if _COLLISION in str(error):
            raise collision(contract, "a new version has the key of a stored one that is another") from None
        raise
