"""Finds the rows that look up something else in a reference table than when they were derived."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from glue_jobs.tables import read
from lakehouse.contracts import Contract
from lakehouse.contracts.document import Dependency

# Columns of the reference table, beside those of the rows that look it up.
_REFERENCE = "_reference_"
_FROM, _TO, _AT = "_reference_from", "_reference_to", "_at"
_SIGN = "_sign"
_BEFORE = ("delete", "update_preimage")


def reference_changes(
    spark: SparkSession,
    uri: str,
    reference: Contract,
    dependency: Dependency,
    looked_up: Sequence[str],
    since: int,
    until: int,
) -> DataFrame:
    """What `until` shows to a lookup and `since` does not (`_sign` > 0), and the reverse (`_sign` < 0).

    One row per distinct key, interval and looked-up values. A change of another column is none. `since` -1
    compares with a table without rows.
    """
    if since < 0:
        signed = [
            _shown(read.pinned(spark, uri, reference.table, until), reference, dependency, looked_up, 1)
        ]
    elif dependency.valid_from and not dependency.valid_to:
        signed = _of_changed_histories(spark, uri, reference, dependency, looked_up, since, until)
    else:
        feed = read.changes(spark, uri, since, until)
        is_before = F.col("_change_type").isin(*_BEFORE)
        signed = [
            _shown(feed.where(is_before), reference, dependency, looked_up, -1),
            _shown(feed.where(~is_before), reference, dependency, looked_up, 1),
        ]
    both = reduce(DataFrame.unionByName, signed)
    return _net(both, [c for c in both.columns if c != _SIGN])


def _of_changed_histories(
    spark: SparkSession,
    uri: str,
    reference: Contract,
    dependency: Dependency,
    looked_up: Sequence[str],
    since: int,
    until: int,
) -> list[DataFrame]:
    """Both histories, whole: a row ends where the next one begins, so a new row changes its predecessor."""

    def history(at: int) -> DataFrame:
        rows = read.pinned(spark, uri, reference.table, at)
        if not dependency.per:
            return rows
        changed = read.changes(spark, uri, since, until).select(*dependency.per).distinct()
        return rows.join(changed, dependency.per, "left_semi")

    return [
        _shown(history(since), reference, dependency, looked_up, -1),
        _shown(history(until), reference, dependency, looked_up, 1),
    ]


def _shown(
    rows: DataFrame, reference: Contract, dependency: Dependency, looked_up: Sequence[str], sign: int
) -> DataFrame:
    """The columns that a lookup sees; deleted rows of silver are not there for it."""
    if reference.layer == "silver":
        rows = read.without_deleted(rows, reference)
    names = dict.fromkeys([*dependency.on.values(), *looked_up])
    columns = [F.col(name).alias(_REFERENCE + name) for name in names]
    if dependency.valid_from:
        following = Window.partitionBy(*dependency.per).orderBy(dependency.valid_from)
        end = (
            F.col(dependency.valid_to)
            if dependency.valid_to
            else F.lead(dependency.valid_from).over(following)
        )
        columns += [F.col(dependency.valid_from).alias(_FROM), end.alias(_TO)]
    return rows.select(*columns, F.lit(sign).alias(_SIGN))


def _net(rows: DataFrame, by: Sequence[str]) -> DataFrame:
    """Without what is there before and after."""
    return rows.groupBy(*by).agg(F.sum(_SIGN).alias(_SIGN)).where(F.col(_SIGN) != 0)


def dependents(
    rows: DataFrame, changes: DataFrame, dependency: Dependency, columns: Sequence[str]
) -> DataFrame:
    """The distinct `columns` of the rows that look up something else after `changes` than before.

    `changes` is read more than once: it must be cheap, such as files.
    """
    keys = [*dependency.on]
    lookups = rows
    if dependency.at:
        lookups = lookups.withColumn(_AT, F.col(dependency.at).cast(changes.schema[_FROM].dataType))
        keys.append(_AT)
    matches: list[Column] = [F.col(k) == F.col(_REFERENCE + of) for k, of in dependency.on.items()]
    if dependency.at:
        matches += [F.col(_AT) >= F.col(_FROM), F.col(_TO).isNull() | (F.col(_AT) < F.col(_TO))]
    values = [c for c in changes.columns if c not in (_SIGN, _FROM, _TO)]
    matched = lookups.select(*keys).distinct().join(changes, reduce(and_, matches))
    differing = _net(matched, [*keys, *values]).select(*keys).distinct()
    return lookups.join(differing, keys, "left_semi").select(*columns).distinct()


def bounds(changes: DataFrame, dependency: Dependency) -> list[Column]:
    """Conditions on the rows that may look up `changes`, so that files are skipped; [] where none may.

    Collects one row of aggregates.
    """
    ranges = {k: _REFERENCE + of for k, of in dependency.on.items()}
    aggregates = [F.count(F.lit(1)).alias("_rows")]
    for key, column in ranges.items():
        aggregates += [F.min(column).alias(f"{key}_low"), F.max(column).alias(f"{key}_high")]
    if dependency.at:
        aggregates.append(F.min(_FROM).alias("_earliest"))
    row = changes.agg(*aggregates).collect()[0]
    if not row["_rows"]:
        return []
    conditions = [F.lit(True)]
    for key in ranges:
        conditions.append(F.col(key).between(F.lit(row[f"{key}_low"]), F.lit(row[f"{key}_high"])))
    if dependency.at:
        conditions.append(F.col(dependency.at) >= F.lit(row["_earliest"]))
    return conditions
