"""Each fault of a pipeline's files is one line with file, line, column, value, wanted shape and nearest name,
and all come at once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.pipelines.table_checks import check_tables
from lakehouse.reading.faults import Collector, Fault, FaultsError
from tests.lakehouse.pipelines.loans import Tree, as_csv, read

JOB, PROC, PARAM = (f"pipelines/loans/{name}.csv" for name in ("job", "proc", "proc_param"))
SECRET = "S3cr3t-insecure,|\x07"


def drop(table: str, column: str) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        rows = getattr(tree, table)
        at = rows[0].index(column)
        setattr(tree, table, [row[:at] + row[at + 1 :] for row in rows])

    return change


def put(table: str, line: int, column: str, value: str) -> Callable[[Tree], None]:
    return lambda tree: tree.set(table, line, column, value)


def rename(table: str, old: str, new: str) -> Callable[[Tree], None]:
    return lambda tree: tree.set(table, 1, old, new)


def add(table: str, *row: str) -> Callable[[Tree], None]:
    return lambda tree: getattr(tree, table).append(list(row))


def tables(*rows: tuple[str, str, str]) -> Callable[[Tree], None]:
    return lambda tree: tree.param.extend([proc, name, value, "tables", "No"] for proc, name, value in rows)


def both(*changes: Callable[[Tree], None]) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        for one in changes:
            one(tree)

    return change


NEAREST = "did you mean"
# change → code, file, line, column, value, part of the wanted shape, nearest name.
CASES: dict[str, tuple[Callable[[Tree], None], str, str, int, int, str, str, str]] = {
    "missing column": (drop("job", "retry_policy"), "LK301", JOB, 1, 0, "retry_policy", "failure_notification", ""),
    "empty cell": (put("job", 3, "owner", ""), "LK302", JOB, 3, 6, "", "a value for owner", ""),
    "parameter of no proc": (add("param", "", "x", "1", "int", "No"), "LK302", PARAM, 11, 1, "", "a value for proc_id", ""),
    "proc of no job": (add("proc", *["P009", "", "n", "src/a.sql", "1", "1", "9", "Airflow", "d", ""]), "LK302", PROC, 8, 2, "", "a value for job_id", ""),
    "ragged row": (lambda t: t.job[3].append("x"), "LK008", JOB, 4, 0, "J003,bronze_transform", "one cell per column", ""),
    "hour 25": (put("job", 4, "schedule", "0 25 * * *"), "LK303", JOB, 4, 3, "0 25 * * *", "or 'continuous'", ""),
    "six fields": (put("job", 4, "schedule", "0 0 4 * * *"), "LK303", JOB, 4, 3, "0 0 4 * * *", "five fields", ""),
    "a day that never comes": (put("job", 4, "schedule", "0 4 30 2 *"), "LK303", JOB, 4, 3, "0 4 30 2 *", "five fields", ""),
    "retry in words": (put("job", 2, "retry_policy", "three times"), "LK303", JOB, 2, 9, "three times", "'3 retries, backoff 5m'", ""),
    "unknown environment": (put("job", 2, "environment", "dev,prd"), "LK303", JOB, 2, 7, "prd", "local, dev", "prod"),
    "no environment": (put("job", 2, "environment", ","), "LK303", JOB, 2, 7, ",", "some of local", ""),
    "name with a blank": (put("job", 6, "job_name", "gold kpi"), "LK303", JOB, 6, 2, "gold kpi", "lower-case letters", ""),
    "unknown job type": (put("job", 2, "job_type", "batsch"), "LK303", JOB, 2, 5, "batsch", "one of batch", "batch"),
    "no address": (put("job", 2, "failure_notification", "me"), "LK303", JOB, 2, 10, "me", "an e-mail address", ""),
    "job id twice": (
        both(add("job", *["J006", "other", "0 1 * * *", "", "batch", "o", "dev", "d", "1 retry", "a@b.c"]), put("proc", 7, "order", "1")),
        "LK305", JOB, 8, 1, "J006", "each once", "",
    ),
    "job name twice": (put("job", 6, "job_name", "silver_transform"), "LK305", JOB, 6, 2, "silver_transform", "each once", ""),
    "proc id twice": (
        add("proc", *["P006", "J005", "n", "src/transformation/gold/gold_kpi_metrics.sql", "2", "1", "9", "Airflow", "d", ""]),
        "LK305", PROC, 8, 1, "P006", "each once", "",
    ),
    "parameter twice": (add("param", "P001", "start_date", "{{ today() }}", "date", "No"), "LK305", PARAM, 11, 2, "start_date", "each name", ""),
    "no proc": (lambda t: both(lambda t: t.proc.pop(5), lambda t: t.param.pop(5))(t), "LK306", JOB, 6, 1, "J005", "at least one proc", ""),
    "dangling job dependency": (put("job", 5, "dependencies", "J003,J0O4"), "LK310", JOB, 5, 4, "J0O4", "same pipeline", "J004"),
    "dangling proc dependency": (put("proc", 4, "dependencies", "P001,P0002"), "LK310", PROC, 4, 10, "P0002", "same pipeline", "P002"),
    "dangling job of a proc": (add("proc", *["P009", "J00", "n", "src/a.sql", "1", "1", "9", "Airflow", "d", ""]), "LK310", PROC, 8, 2, "J00", "same", "J006"),
    "dangling proc of a parameter": (add("param", "P0006", "x", "1", "int", "No"), "LK310", PARAM, 11, 1, "P0006", "same pipeline", "P006"),
    "timeout in words": (put("proc", 2, "timeout_minutes", "1h"), "LK303", PROC, 2, 7, "1h", "0 (continuous)", ""),
    "timeout of a continuous job": (put("proc", 7, "timeout_minutes", "60"), "LK303", PROC, 7, 7, "60", "0 (continuous)", ""),
    "no timeout of a daily job": (put("proc", 2, "timeout_minutes", "0"), "LK303", PROC, 2, 7, "0", "0 (continuous)", ""),
    "unknown scheduler": (put("proc", 2, "scheduler_type", "Airflo"), "LK303", PROC, 2, 8, "Airflo", "one of ADF, Airflow", "Airflow"),
    "negative order": (put("proc", 2, "order", "-1"), "LK303", PROC, 2, 5, "-1", "0, 1, 2", ""),
    "file that is not there": (
        put("proc", 5, "notebook_path", "src/transformation/silver/silver_loan_enrch.sql"),
        "LK308", PROC, 5, 4, "src/transformation/silver/silver_loan_enrch.sql", ".sql", "src/transformation/silver/silver_loan_enrich.sql",
    ),
    "folder": (put("proc", 5, "notebook_path", "src/transformation"), "LK303", PROC, 5, 4, "src/transformation", ".sql", ""),
    "path that leaves the project": (put("proc", 5, "notebook_path", "../x.sql"), "LK309", PROC, 5, 4, "../x.sql", "inside", ""),
    "path that leaves by a detour": (put("proc", 5, "notebook_path", "src/../../x.sql"), "LK309", PROC, 5, 4, "src/../../x.sql", "inside", ""),
    "absolute path": (put("proc", 5, "notebook_path", "/etc/hosts.py"), "LK309", PROC, 5, 4, "/etc/hosts.py", "inside", ""),
    "path with a null byte": (put("proc", 5, "notebook_path", "src/\0.sql"), "LK303", PROC, 5, 4, "src/\0.sql", "parted by /", ""),
    "type that is none": (put("param", 6, "param_type", "integer"), "LK303", PARAM, 6, 4, "integer", "one of string, int", "int"),
    "value of another type": (put("param", 6, "param_value", "thirty"), "LK304", PARAM, 6, 3, "thirty", "a whole number", ""),
    "call that is none": (put("param", 3, "param_value", "{{ tomorrow() }}"), "LK304", PARAM, 3, 3, "{{ tomorrow() }}", "{{ today() }}", ""),
    "secure in other words": (put("param", 6, "secure", "Y"), "LK303", PARAM, 6, 5, "Y", "Yes or No", ""),
    "secret not marked": (put("param", 10, "secure", "No"), "LK307", PARAM, 10, 3, "{{ secret('api_key') }}", "secure = Yes", ""),
    "circle": (put("job", 2, "dependencies", "J005"), "LK311", JOB, 0, 0, "", "without a cycle", ""),
    "job that waits for itself": (put("job", 7, "dependencies", "J006"), "LK311", JOB, 7, 0, "", "without a cycle", ""),
    "two writers": (tables(("P001", "writes", "bronze.a"), ("P002", "writes", "bronze.b, bronze.a")), "LK312", JOB, 3, 0, "bronze.a", "one writer", ""),
    "read and never written": (
        tables(("P001", "writes", "bronze.loans"), ("P003", "reads", "bronze.loan")), "LK313", JOB, 4, 0, "bronze.loan", "that a job writes", "bronze.loans",
    ),
    "read without waiting": (tables(("P005", "writes", "gold.a"), ("P006", "reads", "gold.a")), "LK314", JOB, 7, 0, "gold.a", "dependency on its writer", ""),
    "proc before the one it waits for": (
        both(add("proc", *["P007", "J003", "n", "src/transformation/bronze/bronze_loan_raw.sql", "1", "1", "9", "Airflow", "d", "P003"])),
        "LK317", PROC, 8, 5, "1", "more than 1", "",
    ),
    "one job's procs at odds": (
        both(
            add("proc", *["P007", "J005", "n", "src/transformation/gold/gold_kpi_metrics.sql", "2", "1", "9", "Airflow", "d", ""]),
            add("param", "P007", "kpi_window_days", "31", "int", "No"),
        ),
        "LK305", PARAM, 11, 2, "kpi_window_days", "a name of its own", "",
    ),
    "reads that is no list of tables": (add("param", "P003", "reads", "silver.a", "string", "No"), "LK304", PARAM, 11, 3, "silver.a", "of type tables", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_fault_names_its_place_value_wanted_shape_and_nearest_name(name: str, tmp_path: Path) -> None:
    change, code, file, line, column, value, wanted, near = CASES[name]
    tree = Tree(tmp_path)
    change(tree)
    found = next((f for f in tree.faults() if f.code == code), None)
    assert found, tree.faults()
    assert (found.file, found.nearest) == (file, near)
    assert line == 0 or (found.line, found.column) == (line, column)
    assert found.value.startswith(value)
    assert wanted in found.wanted
    assert found.line


# A fault may have others in its wake, but these stand alone: what is wrong once is said once.
@pytest.mark.parametrize(
    "name",
    [
        n
        for n in CASES
        if n
        not in (
            "job id twice",
            "no proc",
            "ragged row",
            "job name twice",
            "dangling job of a proc",
            "proc of no job",
        )
    ],
)
def test_one_fault_is_one_line(name: str, tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    CASES[name][0](tree)
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


def secret_in_the_clear(tree: Tree) -> None:
    tree.set("param", 10, "param_value", SECRET)


def secret_of_another_type(tree: Tree) -> None:
    secret_in_the_clear(tree)
    tree.set("param", 10, "param_type", "int")


def secret_in_a_ragged_row(tree: Tree) -> None:
    secret_in_the_clear(tree)
    tree.param[9].append("more")


def secret_without_a_header(tree: Tree) -> None:
    secret_in_the_clear(tree)
    tree.param = tree.param[9:]


def secret_with_a_broken_mark(tree: Tree) -> None:
    secret_in_the_clear(tree)
    tree.set("param", 10, "secure", "Yess")


SECRETS = [
    secret_in_the_clear,
    secret_of_another_type,
    secret_in_a_ragged_row,
    secret_without_a_header,
    secret_with_a_broken_mark,
]


@pytest.mark.parametrize("change", SECRETS, ids=lambda c: c.__name__)
def test_a_secret_in_the_clear_is_refused_and_shown_nowhere(
    change: Callable[[Tree], None], tmp_path: Path
) -> None:
    tree = Tree(tmp_path)
    change(tree)
    found = tree.faults()
    assert found
    assert all(f.file == PARAM for f in found)
    assert not any("S3cr3t" in str(f) or "S3cr3t" in str(f.as_dict()) for f in found)


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
        ("job", 2, "LK303"), ("job", 3, "LK312"), ("job", 3, "LK303"), ("job", 4, "LK311"), ("job", 4, "LK313"), ("job", 5, "LK310"), ("job", 7, "LK314"),
        ("proc", 2, "LK309"), ("proc", 3, "LK308"),
        ("proc_param", 6, "LK304"), ("proc_param", 10, "LK307"), ("proc_param", 15, "LK310"), ("proc_param", 15, "LK303"),
    ]  # fmt: skip
    assert all(f.wanted for f in error.value.faults)


def against_contracts(tree: Tree, contracts: set[str]) -> list[Fault]:
    tree.read()
    faults = Collector(tree.root)
    check_tables([j for p in read_pipelines(faults).values() for j in p.jobs], contracts, faults)
    return sorted(faults.faults)


MADE = {
    "bronze.loan_app_ingest",
    "bronze.loan_book_ingest",
    "bronze.loan_raw",
    "silver.loan_enrich",
    "gold.kpi_metrics",
}


def test_a_job_whose_table_has_no_contract_is_a_fault(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tables(("P003", "writes", "bronze.loan"))(tree)
    assert [
        (f.code, f.line, f.value, f.nearest) for f in against_contracts(tree, {*MADE, "bronze.loans"})
    ] == [("LK315", 4, "bronze.loan", "bronze.loans")]


def test_a_job_whose_procs_are_of_several_types_is_a_fault(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.proc.append(
        [
            "P007",
            "J003",
            "more",
            "src/bronze_more.json",
            "2",
            "1",
            "10",
            "Airflow",
            "airflow_bronze_dag",
            "P003",
        ]
    )
    tree.touch("src/bronze_more.json")
    (found,) = against_contracts(tree, {*MADE, "bronze.bronze_more"})
    assert (found.code, found.line, found.what) == (
        "LK316",
        4,
        "the procs of job 'bronze_transform' are of several types: sql, ingest",
    )


def test_a_job_without_contract_is_named_even_where_other_facts_are_wrong(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.set("job", 2, "schedule", "0 25 * * *")
    tables(("P003", "writes", "bronze.loan"))(tree)
    assert {"LK303", "LK315"} == {f.code for f in against_contracts(tree, MADE)}
