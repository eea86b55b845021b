"""Publishing to Redshift and Snowflake, one specification for both."""

from __future__ import annotations

from datetime import date

from tests.glue_jobs.sources.systems import AWKWARD
from tests.glue_jobs.warehouses.published import DDL, SALES, Published


def test_the_table_is_made_with_every_value_as_it_was(published: Published) -> None:
    assert published.publish(published.rows((1, 1, "2017-01-01", AWKWARD))) == 1
    rows = published.stored(
        "id, line, CAST(day AS VARCHAR(10)), CAST(sold_at AS VARCHAR(26)), CAST(amount AS VARCHAR(12)), "
        "name, is_new, share"
    )
    assert [tuple(row) for row in rows] == [
        (1, 1, "2017-01-01", "2017-01-01 12:34:56.789012", "1234.5678", AWKWARD, True, 0.1)
    ]
    assert published.left_behind() == []


def test_null_and_the_empty_text_stay_two_things(published: Published) -> None:
    rows = published.spark.createDataFrame(
        [
            (1, 1, date(2017, 1, 1), None, None, None, None, None),
            (2, 1, date(2017, 1, 1), None, None, "", None, None),
        ],
        DDL,
    )
    published.publish(rows)
    assert [tuple(row) for row in published.stored("id, name, amount, is_new")] == [
        (1, None, None, None),
        (2, "", None, None),
    ]


def test_extreme_values_arrive_as_they_were(published: Published) -> None:
    """The publish compares them itself: RUN151 would be its error."""
    rows = published.spark.sql(f"""SELECT * FROM VALUES
        (1, 1, DATE '2017-01-01', TIMESTAMP '2017-01-01 00:00:00.000001', 0.0001BD, '~', true, 0.1D),
        (2, 1, DATE '1969-12-31', TIMESTAMP '1969-12-31 23:59:59.999999', -0.0001BD, '', false, -5e-324D),
        (3, 1, DATE '9999-12-31', TIMESTAMP '9999-12-31 23:59:59.999999', 99999999999999.9999BD, '|', null,
            1.7976931348623157e308D),
        (4, 1, DATE '1900-02-28', null, 0BD, null, null, double('NaN')),
        (5, 1, DATE '2000-02-29', null, null, ' a ', null, double('-Infinity')),
        (6, 1, DATE '2000-02-29', null, null, 'a|b', null, -0.0D)
        AS t({", ".join(SALES)})""")
    assert published.publish(rows.withColumn("amount", rows.amount.cast("decimal(18,4)"))) == 6
    assert [row[1] for row in published.stored("id, name")] == ["~", "", "|", None, " a ", "a|b"]


def test_a_merge_puts_each_row_in_the_place_of_its_key(published: Published) -> None:
    published.publish(
        published.rows((1, 1, "2017-01-01", "a"), (1, 2, "2017-01-01", "b"), (2, 1, "2017-01-02", "c"))
    )
    assert published.publish(published.rows((1, 2, "2017-01-01", "B"), (3, 1, "2017-01-03", "d"))) == 2
    assert [tuple(row) for row in published.stored()] == [(1, 1, "a"), (1, 2, "B"), (2, 1, "c"), (3, 1, "d")]


def test_publishing_twice_leaves_the_same_rows(published: Published) -> None:
    rows = published.rows((1, 1, "2017-01-01", "a"), (2, 1, "2017-01-02", "b"))
    days = [date(2017, 1, 1), date(2017, 1, 2)]
    for mode, of in [("merge", None), ("replace_days", days), ("replace", None)]:
        for _ in range(2):
            assert published.publish(rows, mode, of) == 2
            assert published.count() == 2


def test_replaced_days_lose_their_old_rows_and_other_days_keep_theirs(published: Published) -> None:
    published.publish(
        published.rows((1, 1, "2017-01-01", "a"), (2, 1, "2017-01-02", "b"), (3, 1, "2017-01-03", "c"))
    )
    published.publish(
        published.rows((4, 1, "2017-01-02", "new")), "replace_days", [date(2017, 1, 2), date(2017, 1, 3)]
    )
    assert [tuple(row) for row in published.stored()] == [(1, 1, "a"), (4, 1, "new")]


def test_replacing_takes_the_place_of_everything(published: Published) -> None:
    published.publish(published.rows((1, 1, "2017-01-01", "a"), (2, 1, "2017-01-02", "b")))
    published.publish(published.rows((3, 1, "2017-01-03", "c")), "replace")
    assert [tuple(row) for row in published.stored()] == [(3, 1, "c")]


def test_no_rows_at_all_are_published_as_such(published: Published) -> None:
    published.publish(published.rows((1, 1, "2017-01-01", "a")))
    assert published.publish(published.rows().limit(0)) == 0
    assert published.publish(published.rows().limit(0), "replace_days", [date(2017, 1, 1)]) == 0
    assert published.stored() == []


def test_a_column_that_the_contract_gained_is_added_empty(published: Published) -> None:
    published.publish(published.rows((1, 1, "2017-01-01", "a")))
    published.contract = published.of({**SALES, "colour": {"type": ["string", "null"]}})
    published.publish(published.rows((2, 1, "2017-01-02", "b")).selectExpr("*", "'red' colour"))
    assert [tuple(row) for row in published.stored("id, name, colour")] == [(1, "a", None), (2, "b", "red")]


def test_two_publishes_at_once_never_double_a_row(published: Published) -> None:
    from concurrent.futures import ThreadPoolExecutor

    published.publish(published.rows((1, 1, "2017-01-01", "a")))
    batches = [
        published.rows(*[(n, 1, "2017-01-01", f"w{writer}") for n in range(1, 200)]) for writer in range(3)
    ]

    def send(number: int) -> str:
        try:
            published.publish(batches[number], run_id=f"{number}" * 32)
        except Exception as error:
            return str(error)
        return "done"

    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(send, range(3)))
    assert "done" in outcomes
    assert published.count() == 199
