"""Faults of row rules are at their line, in short contracts and in JSON Schema alike."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from lakehouse.contracts.files import document_of
from lakehouse.contracts.reader import read_schemas
from lakehouse.contracts.short.shorten import shorten
from lakehouse.pipelines.rule_checks import check_rules
from lakehouse.reading.faults import Collector
from tests.lakehouse.contracts.short.test_expand import project

TRIPS = """description: One row per trip. The city publishes them daily.
owner: mobility
source: {kind: landing, object: city/trips, format: csv}
sequence: ended_at
rules:
- {name: ends_after_it_began, sql: ended_at >= began_at, reason: The clocks of both stations agree.}
- name: fare_of_somebody
  sql: fare >= 0 OR rider IS NULL
  reason: A fare is paid by a rider.
columns:
  trip_id: string key pii=none | Number of the trip.
  fare: decimal(10,2)? pii=none | USD; null where free.
  began_at: timestamp pii=none | When it began, UTC.
  ended_at: timestamp pii=none | When it ended, UTC.
"""


def faults_of(root: Path) -> list[str]:
    faults = Collector(root)
    schemas = read_schemas(faults)
    check_rules(schemas.contracts, faults)
    return [str(fault) for fault in faults.faults]


def test_a_rule_that_names_no_column_is_a_fault_at_its_line(tmp_path: Path) -> None:
    (fault,) = faults_of(project(tmp_path, TRIPS))
    assert fault.startswith("schemas/bronze/trips.yml:8:")
    assert "LK239 rule 'fare_of_somebody' names 'rider', which is no column of the table" in fault


def test_a_sound_rule_has_no_fault_and_stays_in_the_json_schema_and_back(tmp_path: Path) -> None:
    root = project(tmp_path, TRIPS.replace(" OR rider IS NULL", ""))
    assert faults_of(root) == []
    document = document_of(root, "bronze.trips")
    assert [rule["name"] for rule in document["x-lake"]["rules"]] == [
        "ends_after_it_began",
        "fare_of_somebody",
    ]
    short = shorten("bronze.trips", json.loads(json.dumps(document)), {"expectations": []})
    assert yaml.safe_load(short)["rules"] == yaml.safe_load(TRIPS.replace(" OR rider IS NULL", ""))["rules"]


def test_two_rules_of_one_name_are_a_fault(tmp_path: Path) -> None:
    text = TRIPS.replace(" OR rider IS NULL", "").replace("fare_of_somebody", "ends_after_it_began")
    (fault,) = faults_of(project(tmp_path, text))
    assert fault.startswith("schemas/bronze/trips.yml:7:")
    assert "LK005 rule 'ends_after_it_began' stands twice" in fault
