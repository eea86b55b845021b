"""Three-part names: the catalog of the job's own environment is read away, any other is a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.pipelines.sql import statements
from tests.cli.calls import Call
from tests.project_marker import copy_project

FILE = "pipelines/kafka_traffic_pipeline/sql/traffic_data_enriched.sql"
TABLE = "silver_db.traffic_data_cleaned"


def test_a_catalog_says_no_more_than_the_layer_alone() -> None:
    with_catalog = """
        INSERT INTO c.gold_db.x WITH s AS (SELECT a.silver.f FROM c.silver.y AS a)
        SELECT c.silver.z.id, `c`.bronze.w.* FROM s JOIN c.silver.z JOIN C.`bronze`.w
    """
    alone = with_catalog.replace("`c`.", "").replace("C.", "").replace(" c.", " ")
    (of_catalog,), (of_layer,) = statements(with_catalog), statements(alone)
    assert of_catalog.catalogs == (("c", 2),)
    assert (of_catalog.table, of_catalog.reads) == (of_layer.table, of_layer.reads)
    assert of_catalog.query == of_layer.query
    assert "a.silver.f" in of_catalog.query
    (database,) = statements("CREATE SCHEMA IF NOT EXISTS loyalty_dev.silver_db")
    assert (database.layer, database.catalogs) == ("silver", (("loyalty_dev", 1),))


@pytest.mark.parametrize(
    ("catalog", "environments", "message"),
    [
        ("loyalty_dev", '["dev"]', ""),
        ("loyalty_dev", '["dev", "prod"]', "LK261 names the catalog 'loyalty_dev' of dev, and job"),
        ("loyalty_prod", '["dev"]', "LK261 names the catalog 'loyalty_prod' of prod, and job"),
        ("loyalty_dve", '["dev"]', "did you mean 'loyalty_dev'?"),
        ("spark_catalog", '["dev"]', "LK260 names the catalog 'spark_catalog', which no environment has"),
    ],
)
def test_validate_refuses_a_catalog_of_another_environment(
    lakehouse: Call, tmp_path: Path, catalog: str, environments: str, message: str
) -> None:
    root = copy_project(tmp_path / "project")
    sql, config = root / FILE, root / "pipelines/kafka_traffic_pipeline/config.json"
    assert TABLE in sql.read_text()
    sql.write_text(sql.read_text().replace(TABLE, f"{catalog}.{TABLE}"))
    text = config.read_text()
    config.write_text(text.replace('"schedule"', f'"environments": {environments},\n  "schedule"'))

    answer = lakehouse("validate", "--project", str(root))
    faults = [line for line in answer.err.splitlines() if "LK26" in line]
    assert all(line.startswith(f"{FILE}:") and message in line for line in faults)
    assert bool(faults) == bool(message)
