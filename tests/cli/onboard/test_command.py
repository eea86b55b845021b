"""`lakehouse onboard` writes a contract, a suite and a pipeline that are sound, or one clear error."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.calls import Answer, Call
from tests.cli.pipeline.pipeline_tree import Tree

TRIPS = """TripId;Started At;Fare;Rider Email;City
1;2017-01-01 10:00:00;12.50;a@b.ch;Zürich
2;2017-01-01 11:00:00;NA;c@d.ch;Bern
3;2017-01-02 10:30:00;7.00;;Genève
"""


@pytest.fixture
def trips(tmp_path: Path) -> Path:
    file = tmp_path / "trips.csv"
    file.write_bytes(TRIPS.encode("windows-1252"))
    return file


def onboard(lakehouse: Call, tree: Tree, *arguments: str) -> Answer:
    return lakehouse("onboard", *arguments, "--project", str(tree.root))


def test_file_becomes_a_table_that_is_sound_as_it_stands(lakehouse: Call, tree: Tree, trips: Path) -> None:
    answer = onboard(lakehouse, tree, str(trips), "--as", "bronze.trips")
    assert (answer.code, answer.err) == (0, "")
    text = (tree.root / "schemas/bronze/trips.yml").read_text(encoding="utf-8")
    form = {"delimiter": ";", "encoding": "windows-1252", "nulls": ["NA"]}
    assert yaml.safe_load(text)["source"]["csv"] == form
    for line in (
        "trip_id: bigint key pii=none source=TripId",
        'started_at: timestamp pii=none source="Started At"',
        "fare: decimal(18,2)? pii=none source=Fare",
        'rider_email: string? pii=email source="Rider Email" mask=hash',
        "# decide: its times name no zone and are taken as UTC",
    ):
        assert line in text
    assert "rider_email: it looks like personal data (email); it is kept as hash" in answer.out
    assert lakehouse("validate", "--project", str(tree.root)).code == 0
    jobs = lakehouse("jobs", "--project", str(tree.root)).out
    assert "trips_ingest" in jobs
    assert "trips_gate" in jobs


@pytest.mark.parametrize("form", ["json_lines", "json_array"])
def test_objects_of_json_become_a_table(form: str, lakehouse: Call, tree: Tree, tmp_path: Path) -> None:
    file = tmp_path / "stays.json"
    rows = ['{"id": "a", "nights": 2, "guest": {"n": 1}}', '{"id": "b", "nights": 3}', "broken"]
    file.write_text("\n".join(rows) if form == "json_lines" else f"[\n{', '.join(rows)}]\n")
    answer = onboard(lakehouse, tree, str(file), "--as", "bronze.stays")
    assert answer.code == 0
    text = (tree.root / "schemas/bronze/stays.yml").read_text(encoding="utf-8")
    assert f"format: {form}" in text
    assert "id: string key pii=none | id of the files." in text
    assert "nights: bigint pii=none" in text
    assert "# decide: 1 records of the files are broken" in text
    assert lakehouse("validate", "--project", str(tree.root)).code == 0


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        ("a,b\n1,2\n", ["--as", "silver.trips"], "'silver.trips' is no table of bronze"),
        ("a,b\n1,2\n", ["--as", "bronze.crm_accounts"], "bronze.crm_accounts has a contract already"),
        ("", ["--as", "bronze.trips"], "no row that can be read"),
        ("a,b\n", ["--as", "bronze.trips"], "no row that can be read"),
        ("a\n1,2\n3,4\n", ["--as", "bronze.trips"], "no line of another kind before it"),
        ('a,b\n1,"y"\n2,"x\n', ["--as", "bronze.trips"], "a quote that line 3 opens and nothing closes"),
        ('[{"a": 1}', ["--as", "bronze.trips"], "has a JSON array that nothing closes"),
        ("PAR1", ["--as", "bronze.trips"], "cannot be read as Parquet"),
        ("Obj\x01", ["--as", "bronze.trips"], "cannot be read as Avro"),
    ],
)
def test_files_that_no_contract_can_be_made_from_are_one_clear_error_and_leave_nothing(
    lakehouse: Call, tree: Tree, tmp_path: Path, content: str, arguments: list[str], message: str
) -> None:
    file = tmp_path / "odd.csv"
    file.write_text(content)
    before = sorted(tree.root.rglob("*"))
    answer = onboard(lakehouse, tree, str(file), *arguments)
    assert answer.code == 2
    assert message in " ".join(answer.err.replace("│", " ").split())
    assert sorted(tree.root.rglob("*")) == before


def test_columns_of_one_name_are_named_by_position(lakehouse: Call, tree: Tree, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("id,Name,name ,\n1,x,y,\n2,z,w,\n")
    answer = onboard(lakehouse, tree, str(file), "--as", "bronze.odd")
    assert answer.code == 0, answer.err
    text = (tree.root / "schemas/bronze/odd.yml").read_text()
    assert "columns: [id, Name, name 3, (column 4)]" in text
    assert "the header has 'name' twice: columns are named by position" in answer.out
    assert lakehouse("validate", "--project", str(tree.root)).code == 0


def test_key_of_several_columns_is_found_and_a_guess_is_said(
    lakehouse: Call, tree: Tree, tmp_path: Path
) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("day,currency,rate\n2017-01-01,USD,1.1\n2017-01-01,GBP,0.9\n2017-01-02,USD,1.1\n")
    assert onboard(lakehouse, tree, str(file), "--as", "bronze.day_rates").code == 0
    assert "key: [day, currency]" in (tree.root / "schemas/bronze/day_rates.yml").read_text()
    file.write_text("a,b\n1,2\n1,2\n")
    answer = onboard(lakehouse, tree, str(file), "--as", "bronze.twice")
    assert "no column or pair tells the rows apart; the key a is a guess" in answer.out
    assert lakehouse("validate", "--project", str(tree.root)).code == 0


def test_a_second_file_joins_the_pipeline_of_the_first(
    lakehouse: Call, tree: Tree, trips: Path, tmp_path: Path
) -> None:
    stops = tmp_path / "stops.csv"
    stops.write_text("stop_id,name\n1,Bern\n2,Thun\n")
    assert onboard(lakehouse, tree, str(trips), "--as", "bronze.trips", "--pipeline", "rides").code == 0
    answer = onboard(lakehouse, tree, str(stops), "--as", "bronze.stops", "--pipeline", "rides")
    assert (answer.code, answer.err) == (0, "")
    text = (tree.root / "pipelines/rides/pipeline.yml").read_text(encoding="utf-8")
    assert "rides_ingest: {ingest: [bronze.trips, bronze.stops]}" in text
    assert "rides_gate: {gate: [bronze.trips, bronze.stops]}" in text
    assert lakehouse("validate", "--project", str(tree.root)).code == 0


def test_a_pipeline_of_other_files_takes_no_table_of_onboard(
    lakehouse: Call, tree: Tree, trips: Path
) -> None:
    answer = onboard(lakehouse, tree, str(trips), "--as", "bronze.trips", "--pipeline", "retail")
    assert answer.code == 2
    assert "has no pipeline.yml to add to" in answer.err
    assert not (tree.root / "schemas/bronze/trips.yml").exists()
