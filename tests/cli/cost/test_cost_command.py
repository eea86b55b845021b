"""`lakehouse cost` sums up the stack that would be deployed, without credentials."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.cost.deployed import resources_of
from tests.cli.calls import Call
from tests.infra.job_parts import copied


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_each_line_is_quantity_by_price_and_the_totals_are_their_sums(lakehouse: Call) -> None:
    answer = lakehouse("cost", "--env", "dev", "--json")
    assert answer.code == 0
    shown = json.loads(answer.out)
    for line in shown["lines"]:
        assert line["usd"] == pytest.approx(line["quantity"] * line["unit_usd"], abs=0.01), line
    sums = dict.fromkeys(("idle", "schedule", "streams"), 0.0)
    for line in shown["lines"]:
        sums[line["group"]] += line["usd"]
    totals = shown["usd"]
    assert {group: totals[group] for group in sums} == pytest.approx(sums, abs=0.05)
    assert totals["total"] == pytest.approx(sum(sums.values()), abs=0.05)
    assert totals["total"] <= shown["budget_usd"]
    runs = [line for line in shown["lines"] if line["type"] == "aws_glue_job"]
    assert all("assumed" in line["basis"] for line in runs)


def test_a_month_over_the_budget_is_shown_and_ends_with_2(lakehouse: Call, tmp_path: Path) -> None:
    root = copied(tmp_path / "project")
    file = root / "environments" / "base.yml"
    file.write_text(file.read_text().replace("monthly_usd: 500", "monthly_usd: 100"))
    answer = lakehouse("--project", str(root), "cost", "--env", "dev")
    assert answer.code == 2
    assert "environments/dev.yml: LK530 the month of dev costs" in answer.err
    assert "wanted at most its budget of 100 USD" in answer.err


def test_the_resources_of_a_state_are_its_managed_ones() -> None:
    key = {"mode": "managed", "type": "aws_kms_key", "name": "raw"}
    state = {
        "resources": [
            {**key, "instances": [{"attributes": {"id": "1"}}]},
            {**key, "mode": "data", "name": "other", "instances": [{"attributes": {}}]},
        ]
    }
    assert resources_of(state) == {"aws_kms_key": {"raw": {"id": "1"}}}
