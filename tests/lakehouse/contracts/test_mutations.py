"""Whatever is done to one place of a sound contract or suite, it loads or is reported, with its file and
line.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.contracts import load_schemas
from lakehouse.project import project_root
from lakehouse.reading.faults import Fault, FaultsError
from tests.lakehouse.contracts.builders import BRONZE, SUITE, write

Path_ = tuple[str | int, ...]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
DOCUMENT: dict[str, Any] = json.loads(BRONZE)
RULES: dict[str, Any] = yaml.safe_load(SUITE.replace("silver", "bronze"))


def paths(value: Any, here: Path_ = ()) -> Iterator[Path_]:
    """Every place in a tree of dictionaries and lists, but its root."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*here, key)
        yield from paths(inner, (*here, key))


def mutated(tree: Any, path: Path_, how: str, value: Any, name: str) -> Any:
    """`tree` with what stands at `path` replaced, taken out, renamed, or given a neighbour."""
    tree = copy.deepcopy(tree)
    parent = tree
    for key in path[:-1]:
        parent = parent[key]
    last = path[-1]
    if how == "replace":
        parent[last] = value
    elif how == "drop":
        del parent[last]
    elif isinstance(parent, list):
        parent.insert(int(last), value)
    elif how == "rename":
        parent[name] = parent.pop(last)
    else:
        parent[name] = value
    return tree


def reported(root: Path) -> list[Fault]:
    try:
        load_schemas(root)
    except FaultsError as error:
        return error.faults
    return []


def is_loaded_or_reported(contract: str, suite: str, file: str) -> bool:
    """Whether both load, or every fault has a code and a text, and one names `file` and a line."""
    with TemporaryDirectory() as folder:
        write(Path(folder), "bronze.orders", contract, suite)
        faults = reported(Path(folder))
    # What a contract no longer has, its suite may still name: such a fault is the suite's.
    elsewhere = {f.file for f in faults} == {"schemas/bronze/orders.dq.yml"}
    is_located = elsewhere or any(f.file == file and f.line > 0 for f in faults)
    return not faults or (is_located and all(f.code and f.what for f in faults))


HOW = st.sampled_from(["replace", "drop", "rename", "add"])


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from(list(paths(DOCUMENT))), how=HOW, value=ANYTHING, name=st.text(max_size=10))
def test_a_mutated_contract_loads_or_is_reported(path: Path_, how: str, value: Any, name: str) -> None:
    text = json.dumps(mutated(DOCUMENT, path, how, value, name), indent=1)
    assert is_loaded_or_reported(text, SUITE, "schemas/bronze/orders.schema.json")


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from(list(paths(RULES))), how=HOW, value=ANYTHING, name=st.text(max_size=10))
def test_a_mutated_suite_loads_or_is_reported(path: Path_, how: str, value: Any, name: str) -> None:
    text = json.dumps(mutated(RULES, path, how, value, name), indent=1)  # JSON is YAML
    assert is_loaded_or_reported(BRONZE, text, "schemas/bronze/orders.dq.yml")


@settings(max_examples=150, deadline=None)
@given(noise=st.binary(max_size=40), at=st.integers(0, len(BRONZE)))
def test_a_contract_with_any_bytes_in_it_loads_or_is_reported(noise: bytes, at: int) -> None:
    with TemporaryDirectory() as folder:
        write(Path(folder), "bronze.orders", BRONZE, SUITE)
        file = Path(folder) / "schemas" / "bronze" / "orders.schema.json"
        file.write_bytes(BRONZE.encode()[:at] + noise + BRONZE.encode()[at:])
        faults = reported(Path(folder))
    assert {f.file for f in faults} <= {"schemas/bronze/orders.schema.json", "schemas/bronze/orders.dq.yml"}


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_one_mutated_key_of_a_contract_of_the_project_loads_or_is_reported(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(sorted((project_root() / "schemas").glob("*/*.schema.json"))))
    document = json.loads(file.read_text(encoding="utf-8"))
    changed = mutated(
        document,
        data.draw(st.sampled_from(list(paths(document)))),
        data.draw(HOW),
        data.draw(ANYTHING),
        data.draw(st.text(max_size=10)),
    )
    with TemporaryDirectory() as folder:
        for other in (project_root() / "schemas").glob("*/*.*"):
            copied = Path(folder) / "schemas" / other.parent.name / other.name
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes(other.read_bytes())
        mine = Path(folder) / "schemas" / file.parent.name / file.name
        mine.write_text(json.dumps(changed, indent=1), encoding="utf-8")
        faults = reported(Path(folder))
    assert all(f.line > 0 and f.what for f in faults)
