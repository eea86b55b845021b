"""Bytes become records, or the reason why they cannot."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable, Iterable, Iterator

import pytest

from glue_jobs.connections.staging import arrow
from glue_jobs.sources import file_records
from glue_jobs.sources.file_records import Record, bounded_lines, csv_records, text_lines, whole_text
from glue_jobs.sources.file_text import UnreadableFileError, is_utf8, open_text, reading, replaced
from glue_jobs.sources.json_array import array_elements


def text_of(body: bytes, key: str = "a.csv") -> str:
    return reading(lambda: open_text(io.BytesIO(body), key).read())


def cells(body: str) -> list[tuple[int, str, list[str] | None]]:
    lines = io.StringIO(body, newline="")
    return [(record.number, record.text, record.cells) for record in csv_records(lines)]


def test_a_record_keeps_the_number_of_its_first_line_and_its_text_without_the_line_end() -> None:
    assert cells('id,n\r\n1,"a\r\nb"\r\r2,c') == [
        (1, "id,n", ["id", "n"]),
        (2, '1,"a\r\nb"', ["1", "a\r\nb"]),
        (5, "2,c", ["2", "c"]),
    ]


@pytest.mark.parametrize("broken", ['1,"a\\"b\\" c"', '1,a "b" c', '1,"a" b'])
def test_quotes_that_are_not_of_rfc_4180_break_their_record_alone(broken: str) -> None:
    assert cells(f"id,n\n{broken}\n2,b\n")[1:] == [(2, broken, None), (3, "2,b", ["2", "b"])]


@pytest.mark.parametrize("char", ["\0", "\uffff"])
def test_a_record_with_nul_or_no_character_is_broken_alone(char: str) -> None:
    body = 'id,n\n1,a\0b\n2,"\0"\n3,b\n'.replace("\0", char)
    assert cells(body)[1:] == [
        (2, f"1,a{char}b", None),
        (3, f'2,"{char}"', None),
        (4, "3,b", ["3", "b"]),
    ]


@pytest.mark.parametrize(
    ("records", "body"),
    [
        (csv_records, "a" * 200),
        (csv_records, 'id\n"' + "a\n" * 200),
        (text_lines, "a" * 200),
        (whole_text, "a\n" * 200),
        (array_elements, "[" + "a" * 200),
        (array_elements, '["' + "a\n" * 200),
    ],
)
def test_a_record_that_is_too_long_is_told_before_all_of_it_is_in_memory(
    records: Callable[[Iterable[str]], Iterator[Record]], body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small compressed file may hold any number of characters."""
    monkeypatch.setattr(file_records, "MAX_CHARACTERS", 100)
    text = io.StringIO(body, newline="")
    with pytest.raises(UnreadableFileError, match="a record of 100 characters or more"):
        list(records(bounded_lines(text)))
    assert text.tell() <= 105


def test_a_quote_that_nothing_closes_is_told_with_its_line() -> None:
    with pytest.raises(UnreadableFileError, match="a quote that line 3 opens and nothing closes"):
        cells('id,n\n1,a\n2,"b\n3,c\n')


def test_lines_end_at_line_feed_and_carriage_return_and_nowhere_else() -> None:
    lines = io.StringIO("a\u2028b\r\n \n\rc\x85d\x0ce\n", newline="")
    assert [(line.number, line.text) for line in text_lines(lines)] == [(1, "a\u2028b"), (4, "c\x85d\x0ce")]


def test_a_document_is_one_record_as_it_stands() -> None:
    assert [record.text for record in whole_text(io.StringIO("{\r\n}\n", newline=""))] == ["{\r\n}\n"]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("after", [b"garbage", b"\x1f\x8bgarbage", b"BZhgarbage", b"\xfd7zXZ\0garbage"])
def test_what_follows_the_streams_of_a_compressed_file_is_not_passed_over(
    compress: Callable[[bytes], bytes], after: bytes
) -> None:
    assert text_of(compress(b"a\n") + compress(b"b\n")) == "a\nb\n"
    with pytest.raises(UnreadableFileError, match="cannot be decompressed"):
        text_of(compress(b"a\n") + after)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_is_decoded_as_its_byte_order_mark_says(encoding: str) -> None:
    assert text_of("é,東\r\n".encode(encoding)) == "é,東\r\n"


def test_bytes_that_are_not_utf8_mark_their_text() -> None:
    text = text_of(b"a\xff,b")
    assert (is_utf8(text), is_utf8("é"), replaced(text)) == (False, True, "a\ufffd,b")


@pytest.mark.parametrize(
    ("body", "key", "reason"),
    [
        (gzip.compress(b"x" * 9999, mtime=0)[:-9], "a", "cannot be decompressed"),
        (arrow().compress(b"abc" * 9999, "zstd", asbytes=True)[:-9], "a", "cannot be decompressed"),
        (b"text", "a.csv.bz2", "is named .bz2, but its bytes are not"),
        (b"text", "a.csv.snappy", "is named .snappy; of compressed files .gz"),
        (b"PAR1...", "a.csv", "is a Parquet file, not text"),
        ("é".encode("utf-16")[:-1], "a.csv", "is not utf-16"),
    ],
    ids=["gzip", "zstd", "misnamed", "snappy", "parquet", "utf-16"],
)
def test_bytes_that_cannot_be_read_say_why(body: bytes, key: str, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        text_of(body, key)
