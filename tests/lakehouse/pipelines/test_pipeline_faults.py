"""Each fault of a pipeline's files is one line with file, line, column, value, wanted shape and nearest name,
and all come at once.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.pipelines import load_pipelines
from lakehouse.reading.faults import FaultsError
from tests.lakehouse.pipelines.loans import Tree, as_csv, read
from tests.lakehouse.pipelines.pipeline_fault_cases import CASES
from tests.lakehouse.pipelines.tree_changes import rename, tables


@pytest.mark.parametrize("name", CASES)
def test_a_fault_names_its_place_value_wanted_shape_and_nearest_name(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    tree = Tree(tmp_path)
    case.change(tree)
    fault = next((f for f in tree.faults() if f.code == case.code), None)
    assert fault, tree.faults()
    assert (fault.file, fault.nearest) == (case.file, case.nearest)
    assert case.line == 0 or (fault.line, fault.column) == (case.line, case.column)
    assert fault.value.startswith(case.value)
    assert case.expected in fault.wanted
    assert fault.line


# These faults cause others; every other one comes alone.
CAUSES = {
    "job id twice",
    "no proc",
    "ragged row",
    "job name twice",
    "dangling job of a proc",
    "proc of no job",
}


@pytest.mark.parametrize("name", [name for name in CASES if name not in CAUSES])
def test_one_fault_is_one_line(name: str, tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    CASES[name].change(tree)
    assert len(tree.faults()) == 1


def test_an_unknown_column_offers_the_column_that_is_missing_and_the_missing_one_the_unknown(
    tmp_path: Path,
) -> None:
    tree = Tree(tmp_path)
    rename("job", "retry_policy", "retry_polcy")(tree)
    unknown, missing = sorted(tree.faults(), key=lambda f: f.code, reverse=True)[::-1]
    assert (unknown.code, unknown.line, unknown.column, unknown.value, unknown.nearest) == (
        "LK007",
        1,
        9,
        "retry_polcy",
        "retry_policy",
    )
    assert (missing.code, missing.line, missing.value, missing.nearest) == (
        "LK301",
        1,
        "retry_policy",
        "retry_polcy",
    )


def test_a_column_that_stands_twice_is_a_fault(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.job = [[*row, row[0]] for row in tree.job]
    assert [(f.code, f.line, f.column, f.value) for f in tree.faults()] == [("LK005", 1, 11, "job_id")]


def test_a_missing_column_is_seen_in_a_file_without_rows(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.param = [["proc_id", "param_name", "param_type", "secure"]]
    assert [(f.code, f.line, f.value) for f in tree.faults()] == [("LK301", 1, "param_value")]


@pytest.mark.parametrize("missing", ["job", "proc", "proc_param"])
def test_a_pipeline_that_lacks_one_of_its_files_says_which(missing: str, tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.read()
    (tmp_path / "pipelines" / "loans" / f"{missing}.csv").unlink()
    assert ("LK001", f"pipelines/loans/{missing}.csv") in [(f.code, f.file) for f in read(tmp_path)[1]]


def test_the_message_of_a_schedule_names_field_and_range(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.set("job", 4, "schedule", "0 25 * * *")
    assert [str(f) for f in tree.faults()] == [
        "pipelines/loans/job.csv:4:3: LK303 schedule '0 25 * * *': hour 25 is not in 0-23; "
        "wanted cron with five fields (minute hour day month weekday) or 'continuous'"
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "9" * 5000 + " 0 * * *",
        "1L/2 0 * * *",
        "0 0 1#1/2 * *",
        "*/0 0 * * *",
        "٣ 0 * * *",
        "@daily",
        "0 0 * * 1#9",
    ],
)
def test_a_schedule_of_any_nonsense_is_one_fault(bad: str, tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.set("job", 4, "schedule", bad)
    assert [(f.code, f.line, f.column) for f in tree.faults()] == [("LK303", 4, 3)]


def test_every_circle_is_named_at_once_with_its_way_round(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.set("job", 2, "dependencies", "J002")
    tree.set("job", 5, "dependencies", "J005")
    tree.set("job", 7, "dependencies", "J006")
    circles = [f.what.split(": ")[1].split(" → ") for f in tree.faults() if f.code == "LK311"]
    assert sorted(sorted(set(c)) for c in circles) == [
        ["gold_kpi_aggregation", "silver_transform"],
        ["ingest_loan_applications", "ingest_loan_book"],
        ["streaming_loan_events"],
    ]
    assert all(c[0] == c[-1] for c in circles)


def test_a_job_name_of_two_pipelines_is_a_fault(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.read()
    for file, table in (("job", tree.job), ("proc", tree.proc), ("proc_param", tree.param)):
        tree.write(file, as_csv(table[:2]), pipeline="other")
    assert [(f.code, f.file, f.line, f.value) for f in read(tmp_path)[1]] == [
        ("LK305", "pipelines/other/job.csv", 2, "ingest_loan_applications")
    ]


def test_every_fault_of_a_tree_comes_at_once_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.set("job", 2, "schedule", "0 25 * * *")
    tree.set("job", 3, "retry_policy", "often")
    tree.set("job", 4, "dependencies", "J003")
    tree.set("job", 5, "dependencies", "J099")
    tree.set("proc", 2, "notebook_path", "../x.py")
    tree.set("proc", 3, "notebook_path", "src/none.py")
    tree.set("param", 6, "param_value", "thirty")
    tree.set("param", 10, "param_value", "clear")
    tables(
        ("P001", "writes", "bronze.a"),
        ("P002", "writes", "bronze.a"),
        ("P003", "reads", "bronze.c"),
        ("P006", "reads", "bronze.a"),
    )(tree)
    tree.param.append(["P099", "x", "1", "integer", "No"])
    tree.read()
    with pytest.raises(FaultsError) as error:
        load_pipelines(tmp_path)
    assert [(Path(f.file).stem, f.line, f.code) for f in error.value.faults] == [
        ("job", 2, "LK303"),
        ("job", 3, "LK312"),
        ("job", 3, "LK303"),
        ("job", 4, "LK311"),
        ("job", 4, "LK313"),
        ("job", 5, "LK310"),
        ("job", 7, "LK314"),
        ("proc", 2, "LK309"),
        ("proc", 3, "LK308"),
        ("proc_param", 6, "LK304"),
        ("proc_param", 10, "LK307"),
        ("proc_param", 15, "LK310"),
        ("proc_param", 15, "LK303"),
    ]
    assert all(f.wanted for f in error.value.faults)
