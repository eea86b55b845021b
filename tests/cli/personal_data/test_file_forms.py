"""Files keep every byte but the rows of the person, in every encoding and compression that is read."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.personal_data.file_forms import csv_without, json_lines_without, without
from cli.personal_data.subject import Subject
from glue_jobs.sources.file_text import UnreadableFileError
from lakehouse.contracts.file_forms import CsvForm, FixedForm

SUBJECT = Subject("customer_id", "7")
NAMES = ("customer_id", "CustomerNo", "Gr\u00f6\u00dfe")
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))


@given(st.lists(st.tuples(st.sampled_from(["7", "70", "17", "", "x"]), TEXT), max_size=8))
def test_a_csv_file_loses_the_rows_of_the_person_alone(rows: list[tuple[str, str]]) -> None:
    def written(chosen: list[tuple[str, str]]) -> bytes:
        out = io.StringIO()
        csv.writer(out).writerows([("CustomerNo", "note"), *chosen])
        return out.getvalue().encode()

    rest = [row for row in rows if row[0] != "7"]
    assert csv_without(written(rows), SUBJECT, NAMES) == (written(rest), len(rows) - len(rest))


def test_lines_that_are_no_rows_stay_where_they_are() -> None:
    text = 'All "of 2026\n# by Ann\nCustomerNo,note\n# one\n7,"a\n# b"\n# two\n8,c\n# end\n'
    rest, gone = csv_without(text.encode(), SUBJECT, NAMES, CsvForm(skip=1, comment="#"))
    assert (rest.decode(), gone) == (text.replace('7,"a\n# b"\n', ""), 1)
    form = FixedForm(fields={"customer_id": [1, 2]}, skip=1, header=True)
    assert without(b"7\nid\n7\n8\n", "a.txt", "fixed_width", SUBJECT, NAMES, form) == (b"7\nid\n8\n", 1)


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        (b'{"customer_id": 7}', True),
        (b'{"customer_id": 7.0}', True),
        (b'{"CustomerNo": "7"}', True),
        (b'{"customer_id": 70}', False),
        (b'{"customer_id": true}', False),
        (b'{"other": 7}', False),
        (b'{"customer_id": 7, "cut', True),
        (b'{"customer_id": 71, "cut', False),
        (b"[7]", False),
        (b'{"CUSTOMER_ID": 7}', True),
        (b'{"op": "u", "before": {"customer_id": 7}, "after": null}', True),
        (b'{"reasons": ["r"], "raw": "7,too,many", "row": {"customer_id": null}}', True),
        (b'{"reasons": ["r"], "raw": "70,too,many", "row": {"customer_id": null}}', False),
        (b"\xff\xfe", False),
        ('{"Gro\u0308\u00dfe": 7}'.encode(), True),
        ('{"GR\u00d6SSE": 7, "cut'.encode(), True),
    ],
)
def test_a_line_of_json_is_of_the_person_by_its_column_alone(line: bytes, gone: bool) -> None:
    other = b'{"customer_id": 1, "note": "7"}\r\n'
    assert json_lines_without(other + line, SUBJECT, NAMES) == (other if gone else other + line, int(gone))


ROWS = "customerno,name\r\n1,Äda\r\n7,gone\r\n"
REST = ROWS.replace("7,gone\r\n", "")
PACKED: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "a.csv": (lambda data: data, lambda data: data),
    "a.csv.gz": (gzip.compress, gzip.decompress),
    "a.csv.bz2": (bz2.compress, bz2.decompress),
    "a.csv.xz": (lzma.compress, lzma.decompress),
    "a.csv.zst": (
        lambda data: bytes(pa.Codec("zstd").compress(data, asbytes=True)),
        lambda data: bytes(pa.input_stream(pa.BufferReader(data), compression="zstd").read()),
    ),
}


@pytest.mark.parametrize("bom", [b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
@pytest.mark.parametrize("key", PACKED)
def test_a_file_stays_in_its_compression_and_encoding(key: str, bom: bytes) -> None:
    pack, unpack = PACKED[key]
    form = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}.get(bom, "utf-8")
    data = pack(bom + ROWS.encode(form))
    rest, rows = without(data, key, "csv", SUBJECT, NAMES)
    assert (unpack(rest), rows) == (bom + REST.encode(form), 1)
    assert without(pack(bom + REST.encode(form)), key, "csv", SUBJECT, NAMES)[1] == 0


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep/a.csv", data)
    return out.getvalue()


def test_each_file_of_an_archive_loses_the_rows_of_the_person() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {"b.csv": ROWS, ".DS_Store": "\0", "a.csv": REST}.items():
            archive.writestr(name, body)
    rest, rows = without(out.getvalue(), "a.zip", "csv", SUBJECT, NAMES)
    with zipfile.ZipFile(io.BytesIO(rest)) as archive:
        assert ([m.filename for m in archive.infolist()], rows) == (["b.csv", ".DS_Store", "a.csv"], 1)
        assert {archive.read("a.csv"), archive.read("b.csv")} == {REST.encode()}
    assert without(rest, "a.zip", "csv", SUBJECT, NAMES) == (rest, 0)


def test_an_archive_keeps_its_file_and_its_name() -> None:
    rest, rows = without(zipped(ROWS.encode()), "a.zip", "csv", SUBJECT, NAMES)
    with zipfile.ZipFile(io.BytesIO(rest)) as archive:
        assert ([m.filename for m in archive.infolist()], rows) == (["deep/a.csv"], 1)
        assert archive.read("deep/a.csv") == REST.encode()


def test_columns_by_position_name_the_person_too() -> None:
    form = CsvForm(header=False, columns=["customer_id", "note"])
    assert without(b"7,a\n8,7\n", "a.csv", "csv", SUBJECT, NAMES, form) == (b"8,7\n", 1)
    form = CsvForm(columns=["customer_id", "note"])
    assert without(b"Nr,Text\n7,a\n8,7\n", "a.csv", "csv", SUBJECT, NAMES, form) == (b"Nr,Text\n8,7\n", 1)
    fixed = FixedForm(fields={"note": [1, 2], "customer_id": [4, 6]}, encoding="cp850", header=True)
    data = "7  7  \né  7  \n7  77 \n".encode("cp850")
    assert without(data, "a.txt", "fixed_width", SUBJECT, NAMES, fixed) == (b"7  7  \n7  77 \n", 1)


def test_a_file_of_another_delimiter_and_encoding_stays_as_it_is() -> None:
    form = CsvForm(delimiter=";", encoding="windows-1252")
    data = ROWS.replace(",", ";").encode("cp1252")
    rest, rows = without(data, "a.csv", "csv", SUBJECT, NAMES, form)
    assert (rest, rows) == (REST.replace(",", ";").encode("cp1252"), 1)


def test_other_quotes_and_an_escape_part_the_cells_as_the_ingest_does() -> None:
    form = CsvForm(quote="'", escape="\\")
    data = b"'note','customer_id'\n'it\\'s\n,','7'\n'a,\\\\','8'\n"
    rest, rows = without(data, "a.csv", "csv", SUBJECT, NAMES, form)
    assert (rest, rows) == (b"'note','customer_id'\n'a,\\\\','8'\n", 1)
    plain = b'note\tcustomer_id\n5" pipe\t7\n"\t8\n'
    form = CsvForm(quote="none", delimiter="\t")
    assert without(plain, "a.csv", "csv", SUBJECT, NAMES, form) == (b'note\tcustomer_id\n"\t8\n', 1)


@pytest.mark.parametrize(
    ("key", "form", "data"),
    [
        ("a.json", "json_document", b'{"people": [{"customer_id": 7}]}'),
        ("a.csv", "csv", b'customer_id,note\n7,"never closed\n1,x\n'),
        ("a.csv.gz", "csv", gzip.compress(ROWS.encode(), mtime=0)[:-9]),
        ("a.zip", "csv", b"PK\x03\x04 whatever"),
        ("a.csv", "csv", b"PAR1 whatever"),
        ("a.csv", "csv", b"\0\xff\x80"),
    ],
)
def test_a_file_that_may_hold_the_person_and_cannot_be_rewritten_is_said(
    key: str, form: str, data: bytes
) -> None:
    with pytest.raises(UnreadableFileError):
        without(data, key, form, SUBJECT, NAMES)


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("json_document", b'{"people": [{"customer_id": 70}]}'),
        ("csv", b'customer_id,note\n70,"never closed\n'),
    ],
)
def test_a_file_that_does_not_name_the_person_is_none_of_it(form: str, data: bytes) -> None:
    assert without(data, "a", form, SUBJECT, NAMES) == (data, 0)


def test_a_csv_record_of_another_length_is_of_the_person_by_any_cell() -> None:
    data = b"customer_id,note\nx,7,too many\n8,7\n"
    assert csv_without(data, SUBJECT, NAMES) == (b"customer_id,note\n8,7\n", 1)


def test_a_json_array_loses_the_elements_of_the_person_alone() -> None:
    rows = [{"customer_id": n, "note": "[7, é]"} for n in (7, 70, "7", 1)]
    data = json.dumps(rows, indent=1, ensure_ascii=False).encode()
    rest, gone = without(data, "a.json", "json_array", SUBJECT, NAMES)
    assert (json.loads(rest), gone) == ([rows[1], rows[3]], 2)
    with pytest.raises(UnreadableFileError, match="nothing closes"):
        without(data[:-1], "a.json", "json_array", SUBJECT, NAMES)
    assert without(b'[{"customer_id": 1}', "a.json", "json_array", SUBJECT, NAMES)[1] == 0
