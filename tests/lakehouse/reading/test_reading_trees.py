"""YAML and JSON are read with places, and what cannot be read says so at its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.reading.faults import Collector, Fault
from lakehouse.reading.jsontext import json_places
from lakehouse.reading.located import MOST_NESTED, Located, read_json, read_yaml


def read(root: Path, name: str, text: str | bytes) -> tuple[Located | None, list[Fault]]:
    file = root / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    faults = Collector(root)
    located = read_json(file, faults) if name.endswith(".json") else read_yaml(file, faults)
    return located, faults.faults


DEEP = 100_000
CASES = [
    ("a.json", '{"a": 1,\n "b": }', "LK002", 2, 7),
    ("a.json", "", "LK002", 1, 1),
    ("a.json", "[1, NaN]", "LK002", 1, 5),
    ("a.json", '{"NaN": 1,\n "a": -Infinity}', "LK002", 2, 7),
    ("a.json", '["\\ud83d\\ude00",\n "\\ud83d"]', "LK002", 2, 3),
    ("a.json", '["\\\\ud83d \\udc00"]', "LK002", 1, 11),
    ("a.json", "9" * 5000, "LK290", 1, 1),
    ("a.json", '["1e400",\n 1e400]', "LK290", 2, 2),
    ("a.json", '{"minimum": 12345678901234567.89}', "LK290", 1, 13),
    ("a.json", '{\n "a": 1, "a": 2}', "LK005", 2, 10),
    ("a.json", '{"a": 1, "\\u0061": 2}', "LK005", 1, 10),
    ("a.json", "\n" + "[" * DEEP, "LK004", 2, MOST_NESTED + 1),
    ("a.json", '{"a": "' + "]" * DEEP + '",\n"b": ' + "[" * DEEP, "LK004", 2, 5 + MOST_NESTED),
    ("a.json", b'{"a":\n "\xff"}', "LK003", 2, 3),
    ("a.yml", "a: 1\n  b: 2", "LK002", 2, 4),
    ("a.yml", "a: 1\na: 2", "LK005", 2, 1),
    ("a.yml", "- " * DEEP, "LK004", 1, 2 * MOST_NESTED + 1),
    ("a.yml", "{a: " * DEEP, "LK004", 1, 4 * MOST_NESTED + 1),
    ("a.yml", "a: &x [1, 1]\nb: [*x, *x]", "LK009", 2, 5),
    ("a.yml", "a: !!python/object:os.system x", "LK002", 1, 4),
    ("a.yml", "a: !!int x", "LK002", 1, 4),
    ("a.yml", "a: 1\n---\nb: 2", "LK002", 2, 1),
    ("a.yml", "a: 1\nb: x\x07y", "LK002", 2, 5),
    ("a.yml", "a: 1\x0c", "LK002", 1, 5),
    ("a.yml", "%YAML 1.1\n---\na: no", "LK002", 1, 1),
    ("a.yml", "a: 1\n? [x, y]\n: 2", "LK002", 2, 3),
    ("a.yml", "a:\n  <<: {b: 1}", "LK009", 2, 3),
    ("a.yml", "a: 1\nb: 0.30000000000000000001", "LK290", 2, 4),
    ("a.yml", "a: 1e400", "LK290", 1, 4),
    ("a.yml", "a: 1e-400", "LK290", 1, 4),
    ("a.yml", b"a: 1\nb: caf\xe9", "LK003", 2, 7),
]


@pytest.mark.parametrize(
    ("name", "text", "code", "line", "column"), CASES, ids=[f"{c[2]}-{c[0]}-{i}" for i, c in enumerate(CASES)]
)
def test_a_text_that_cannot_be_read_is_one_fault_at_its_place(
    name: str, text: str | bytes, code: str, line: int, column: int, tmp_path: Path
) -> None:
    _, faults = read(tmp_path, name, text)
    assert [(f.code, f.file, f.line, f.column) for f in faults] == [(code, name, line, column)]
    assert faults[0].wanted


@pytest.mark.parametrize("name", ["missing.json", "missing.yml"])
def test_a_file_that_is_not_there_is_a_fault_and_not_a_traceback(name: str, tmp_path: Path) -> None:
    faults = Collector(tmp_path)
    assert (read_json if name.endswith("json") else read_yaml)(tmp_path / name, faults) is None
    assert [(f.code, f.file) for f in faults.faults] == [("LK001", name)]


def test_json_keeps_its_own_values_where_yaml_would_read_text(tmp_path: Path) -> None:
    located, faults = read(
        tmp_path, "a.json", '{"a": 1e5, "b": "\\ud83d\\ude00", "c": "\\t", "d": "2017-01-01", "yes": "no"}'
    )
    assert faults == []
    assert located
    assert located.value == {"a": 100000.0, "b": "😀", "c": "\t", "d": "2017-01-01", "yes": "no"}


def test_what_quotes_hold_is_a_text_whatever_it_looks_like(tmp_path: Path) -> None:
    located, faults = read(tmp_path, "a.yml", "'<<': 1\na: '1e400'\nb: \"x\\ay\"\nc: 1.5e3\nd: 0.1")
    assert faults == []
    assert located
    assert located.value == {"<<": 1, "a": "1e400", "b": "x\ay", "c": 1500.0, "d": 0.1}


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    located, faults = read(tmp_path, "a.yml", b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert (faults, located and located.value) == ([], {"a": 1, "b": 2})


def test_a_date_of_yaml_stays_text_for_the_models_to_type(tmp_path: Path) -> None:
    located, _ = read(tmp_path, "a.yml", "a: 2017-01-31")
    assert located
    assert located.value == {"a": "2017-01-31"}


def test_every_value_and_key_of_a_yaml_file_has_its_place(tmp_path: Path) -> None:
    located, _ = read(tmp_path, "a.yml", "a:\n  b: [x, y]\n")
    assert located
    assert (located.at(("a", "b", 1)), located.at(("a", "b"), key=True), located.at(("a", "nothing"))) == (
        (2, 10),
        (2, 3),
        (1, 1),
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_at_each_place_of_a_json_text_stands_its_value(
    value: object, indent: int | str | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    lines = text.split("\n")
    for loc, (line, column) in json_places(text).values.items():
        inner = value
        for key in loc:
            inner = inner[key]  # type: ignore[index]
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        assert json.JSONDecoder().raw_decode(rest)[0] == inner
