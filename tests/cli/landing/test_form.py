"""Files are held against the form that their source states before they are put: by position, by columns."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.landing.form import check_form
from glue_jobs.errors import RunError
from tests.glue_jobs.sources.systems import source_contract

FIXED = {
    "fields": {"id": [1, 4], "name": [5, 8], "amount": [9, 12], "note": [13, 13], "updated_at": [14, 23]}
}
LINE = "1   Ann 1.5  2017-01-01\n"


def parquet(**columns: Any) -> bytes:
    time = pa.scalar(0, pa.timestamp("us"))
    rows = {"id": [1], "name": ["a"], "amount": [1.5], "note": ["x"], "updated_at": [time]}
    out = io.BytesIO()
    pq.write_table(
        pa.table({name: pa.array(v) for name, v in (rows | columns).items() if v is not None}), out
    )
    return out.getvalue()


def zipped(*files: str, b: str = "") -> bytes:
    """An archive of CSV files; `b`: the text of b.csv where it differs."""
    out, body = io.BytesIO(), "id,name,amount,note,updated_at\n1,a,1,,2017-01-01\n"
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("__MACOSX/._a.csv", "\0")
        for name in files:
            archive.writestr(name, b if b and name == "b.csv" else body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "facts", "content", "fault"),
    [
        ("csv", {"csv": {"header": False}}, b"1,a,1.5,,2017-01-01\n", None),
        (
            "csv",
            {"csv": {"header": False}},
            b"1,a,1.5\n",
            "has 3 values in line 1; its source names 5",
        ),
        ("csv", {"csv": {"columns": ["name", "updated_at"]}}, b"a,b\n1,2017\n", "lacks column 'id'"),
        ("csv", {"csv": {"header": False, "skip": 1}}, b'Title "of\n1,a,1.5,,2017-01-01\n', None),
        ("csv", {"csv": {"header": False, "comment": "#"}}, b"# of\n1,a\n", "has 2 values in line 2"),
        ("csv", {}, zipped("a.csv"), None),
        ("csv", {}, zipped("a.csv", "b.csv"), None),
        ("csv", {}, zipped("a.csv", "b.csv", b="name,id,amount,note,updated_at\n"), "different headers"),
        ("csv", {}, zipped(), "is a ZIP archive without a file"),
        ("fixed_width", {"fixed": FIXED}, LINE.encode(), None),
        ("fixed_width", {"fixed": FIXED}, b"1   Ann\n", "has 7 characters in line 1; its fields end at 23"),
        ("fixed_width", {"fixed": {**FIXED, "ragged": True, "header": True}}, b"ID\n1   Ann\n", None),
        ("fixed_width", {"fixed": {**FIXED, "skip": 2}}, b"a\nb\n1   Ann\n", "has 7 characters in line 3"),
        ("parquet", {}, parquet(), None),
        ("parquet", {}, parquet(name=[5]), "has column 'name' as int64, and the contract takes string"),
        ("parquet", {}, parquet(id=None), "lacks column 'id'"),
        ("parquet", {}, b"id,name\n1,a\n", "cannot be read as Parquet"),
        ("avro", {}, parquet(), "cannot be read as Avro"),
    ],
)
def test_file_is_of_the_form_of_its_source_or_refused(
    tmp_path: Path, form: str, facts: dict[str, Any], content: bytes, fault: str | None
) -> None:
    file, contract = tmp_path / "a.dat", source_contract("landing", "people", form, **facts)
    file.write_bytes(content)
    if fault is None:
        check_form(file, contract)
        return
    with pytest.raises(RunError) as error:
        check_form(file, contract)
    assert fault in str(error.value)
