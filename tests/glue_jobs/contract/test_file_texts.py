"""Numbers and times of files are what Python's Decimal, datetime and zoneinfo read, or null."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract.file_texts import typed_value
from lakehouse.contracts.contract import Column
from lakehouse.contracts.document import Property
from lakehouse.contracts.source_document import Source

LANDING = {"kind": "landing", "object": "a", "system": "a", "format": "csv"}
ZONE = "Europe/Berlin"
NUMBERS = [
    "1234",
    "1.234",
    "1,234",
    "1.234,56",
    "1,234.56",
    "-1.234.567,8",
    "+,5",
    "5,",
    ",",
    "",
    "1.23",
    "x",
]
NUMBERS += ["12.34,5", "1..234", "1.2345", " 1.234,5 ", "1 234,5", "1\u202f234,5", "1'234.5", "1e3", "1,5E-1"]
NUMBERS += ["0,00", "1.234.56", "1234.567", "1234567,125", "1.000.000", "٣,5", "1,2,3", "-", "1.234-"]


def column(kind: str, pattern: str | None = None) -> Column:
    schema = {"type": "string", "description": "d", "x-lake": {"type": kind, "date_format": pattern}}
    return Column("v", kind, True, Property.model_validate(schema))


def typed(spark: SparkSession, *cases: tuple[list[str], Column, dict[str, Any]]) -> list[list[Any]]:
    """The values of each case's texts, of all cases in one query; timestamps in microseconds."""
    texts = list(zip_longest(*[case[0] for case in cases]))
    names = [f"v{n}" for n in range(len(cases))]
    schema = ", ".join(["n int", *[f"{name} string" for name in names]])
    rows = spark.createDataFrame([(n, *row) for n, row in enumerate(texts)], schema).coalesce(1)
    values = []
    for name, (_, of, source) in zip(names, cases, strict=True):
        value = F.expr(typed_value(name, of, Source.model_validate({**LANDING, **source})))
        values.append((F.unix_micros(value) if of.type == "timestamp" else value).alias(name))
    collected = rows.select("n", *values).orderBy("n").collect()
    return [[row[k] for row in collected[: len(case[0])]] for k, case in enumerate(cases, 1)]


def by_decimal(text: str, decimal: str, thousands: str | None) -> Decimal | None:
    plain = text.strip(" ")
    if thousands:
        signs = {" ": " \u00a0\u202f", "'": "'\u2019"}.get(thousands, thousands)
        whole = re.match(rf"[+-]?([0-9{re.escape(signs)}]*)", plain)
        groups = re.split(f"[{re.escape(signs)}]", whole[1]) if whole else []
        if len(groups) > 1 and not (0 < len(groups[0]) < 4 and all(len(g) == 3 for g in groups[1:])):
            return None
        whole_digits, point, rest = plain.partition(decimal)
        plain = re.sub(f"[{re.escape(signs)}]", "", whole_digits) + point + rest
    if re.search(r"[^0-9eE+-]", plain.replace(decimal, "", 1)):
        return None
    try:
        value = Decimal(plain.replace(decimal, "."))
    except InvalidOperation:
        return None
    return value if value == value.quantize(Decimal("0.001")) else None


def test_numbers_are_those_that_decimal_reads(spark: SparkSession) -> None:
    signs = [(",", None), (",", "."), (".", ","), (",", " "), (".", "'"), (".", " ")]
    kind = column("decimal(18,3)")
    cases = [(NUMBERS, kind, {"csv": {"decimal": point, "thousands": parts}}) for point, parts in signs]
    for (point, parts), values in zip(signs, typed(spark, *cases), strict=True):
        assert values == [by_decimal(text, point, parts) for text in NUMBERS], (point, parts)
        assert sum(value is not None for value in values) > 4


def test_whole_and_approximate_numbers_have_the_same_signs(spark: SparkSession) -> None:
    form = {"csv": {"decimal": ",", "thousands": "."}}
    texts = ["1.234", "1.234,00", "1.234,5", "12.34", "1e3"]
    whole, approximate = typed(spark, (texts, column("bigint"), form), (texts, column("double"), form))
    assert whole == [1234, 1234, None, None, 1000]
    assert approximate == [1234.0, 1234.0, 1234.5, None, 1000.0]


FORMATS = {
    "dd.MM.yyyy HH:mm:ss": "%d.%m.%Y %H:%M:%S",
    "yyyyMMddHHmmss": "%Y%m%d%H%M%S",
    "d/M/yyyy H:mm": "%d/%m/%Y %H:%M",
    "M/d/yyyy h:mm a": "%m/%d/%Y %I:%M %p",
    "dd-MMM-yy hh:mm:ss a": "%d-%b-%y %I:%M:%S %p",
    "MMMM d, yyyy 'at' HH:mm": "%B %d, %Y at %H:%M",
    "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX": "%Y-%m-%dT%H:%M:%S.%f%:z",
    "dd/MM/yyyy:HH:mm:ss Z": "%d/%m/%Y:%H:%M:%S %z",
}
# Each is wrong under every format.
NEVER = ["", "x", "2017", "31.02.2017 10:00:00", "20170230101010", "31/4/2017 9:30", "4/31/2017 9:30 AM"]
NEVER += ["13/1/2017 0:30 PM", "01.01.2017 24:00:00", "01.01.2017 10:60:00", "30-Feb-17 01:00:00 PM"]
NEVER += ["June 31, 2017 at 10:00", "Juni 1, 2017 at 10:00", "01.01.2017 10:00:00 ", "1.1.2017 10:00:00"]


def test_timestamps_are_those_that_datetime_reads(spark: SparkSession) -> None:
    random, begin, epoch = Random(7), datetime(1969, 1, 1, tzinfo=UTC), datetime.fromtimestamp(0, UTC)
    times = [begin + timedelta(microseconds=random.randrange(99 * 31_536_000 * 10**6)) for _ in range(200)]
    cases, expected = [], []
    for pattern, directive in FORMATS.items():
        texts = [time.strftime(directive.replace("%:z", "+00:00")) for time in times]
        read = [datetime.strptime(t, directive.replace("%:z", "%z")).replace(tzinfo=UTC) for t in texts]
        micros = [(time - epoch) // timedelta(microseconds=1) for time in read]
        expected.append(micros + [None] * len(NEVER))
        cases.append((texts + NEVER, column("timestamp", pattern), dict[str, Any]()))
    assert typed(spark, *cases) == expected


def test_dates_take_one_or_two_digits_as_their_pattern_says(spark: SparkSession) -> None:
    loose = ["1.2.2017", "01.02.2017", "1.2.17", "29.2.2017", "29.2.2016", "1.2.0000", "1.2.2017 "]
    days, centuries = typed(
        spark, (loose, column("date", "d.M.yyyy"), {}), (["010268", "010269"], column("date", "ddMMyy"), {})
    )
    expected = ["2017-02-01", "2017-02-01", None, None, "2016-02-29", None, None]
    assert [str(day) if day else None for day in days] == expected
    assert [str(day) for day in centuries] == ["2068-02-01", "1969-02-01"]


def test_counts_since_1970_are_exact(spark: SparkSession) -> None:
    texts = ["1483228800", "-1.5", "1483228800.123456", "1483228800.1234567", "1e9", "", "99999999999999999"]
    seconds, millis = typed(
        spark,
        (texts, column("timestamp", "epoch_seconds"), {}),
        (["1483228800123.4"], column("timestamp", "epoch_millis"), {}),
    )
    assert seconds == [1483228800 * 10**6, -1_500_000, 1483228800123456, None, None, None, None]
    assert millis == [1483228800123400]


def test_clocks_without_an_offset_stand_in_the_zone_of_the_source(spark: SparkSession) -> None:
    zone, naive = ZoneInfo(ZONE), datetime(2017, 3, 25)
    locals_ = [naive + timedelta(minutes=30 * n) for n in range(96)]
    locals_ += [datetime(2017, 10, 28) + timedelta(minutes=30 * n) for n in range(96)]

    def instant(local: datetime) -> int | None:
        utc = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if utc.astimezone(zone).replace(tzinfo=None) != local:
            return None  # the clocks skip it
        return int(utc.timestamp()) * 10**6

    texts, zoned = [local.strftime("%d.%m.%Y %H:%M") for local in locals_], {"time_zone": ZONE}
    values, stated = typed(
        spark,
        (texts, column("timestamp", "dd.MM.yyyy HH:mm"), zoned),
        (["2017-07-01T12:00:00Z", "2017-07-01 12:00"], column("timestamp"), zoned),
    )
    assert values == [instant(local) for local in locals_]
    assert values.count(None) == 2
    assert stated == [1498910400 * 10**6, 1498903200 * 10**6]


def test_optional_parts_are_those_that_java_takes(spark: SparkSession) -> None:
    pattern = "d.M.yyyy[ HH:mm[:ss[.SSS]][ XXX]]"
    clocks = ("", " 10:30", " 10:30:15", " 10:30:15.250", " 10:30 +02:00", " 10:30:15.250 +02:00")
    broken = (
        " 10:30:15.",
        " +02:00",
        " 10",
        " 10:30.250",
        "10:30",
        " 10:30:15.250+02:00",
        " ",
    )
    texts = [f"1.2.2017{clock}" for clock in (*clocks, *broken)]
    (mine,) = typed(spark, (texts, column("timestamp", pattern), {}))
    quoted = ", ".join(f"('{text}')" for text in texts)
    java = f"SELECT unix_micros(try_to_timestamp(t, '{pattern}')) FROM VALUES {quoted} AS texts(t)"
    assert mine == [row[0] for row in spark.sql(java).collect()]
    assert [value is not None for value in mine] == [True] * len(clocks) + [False] * len(broken)


def test_brackets_in_quotes_are_characters(spark: SparkSession) -> None:
    (values,) = typed(spark, (["[01/02/2017]", "01/02/2017"], column("date", "'['dd/MM/yyyy']'"), {}))
    assert [value is None for value in values] == [False, True]
