"""Rules that only the platform has, as SQL that returns what breaks them."""

from __future__ import annotations

from datetime import date

from glue_jobs.quality.export_sql import exists_in_table, fresh, quoted

REFERENCE = {"column": "customer_id", "table": "silver.customers", "table_column": "id"}


def test_a_share_of_unknown_values_is_allowed_by_mostly() -> None:
    strict = exists_in_table(REFERENCE, None, lambda name: name)
    assert strict.startswith("SELECT b.* FROM {batch} b LEFT ANTI JOIN `silver`.`customers` k")
    tolerant = exists_in_table({**REFERENCE, "mostly": 0.9}, None, lambda name: name)
    assert f"(SELECT count(*) FROM ({strict})) AS unexpected_count" in tolerant
    assert tolerant.endswith("/ considered < 0.9")


def test_freshness_counts_from_the_logical_date_or_from_the_day_of_the_query() -> None:
    kwargs = {"column": "day", "max_age_days": 2}
    assert "datediff(DATE'2017-01-31', newest) > 2" in fresh(kwargs, date(2017, 1, 31), str)
    assert "datediff(current_date(), newest) > 2" in fresh(kwargs, None, str)


def test_an_identifier_of_any_name_stays_one() -> None:
    assert quoted("a`b{c}") == "`a``b{{c}}`"
