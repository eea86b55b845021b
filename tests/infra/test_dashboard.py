"""The dashboard, and the runbooks that alarms and messages link to."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cli.run.stats import BATCH_MINUTES, SUCCESS_PERCENT
from lakehouse.environments import metric_names as metrics
from lakehouse.project import Project, project_root
from lambdas.common import links
from lambdas.sla_checker import findings as checks
from lambdas.sla_checker import handler as checker
from lambdas.sla_notifier import handler as notifier
from tests.infra.alerting import alerting

NAMES = tuple(Project.find().settings.environments)


RUNBOOKS = project_root() / "docs" / "runbooks"


def test_the_dashboard_shows_state_durations_rows_quarantine_and_cost() -> None:
    body = alerting("prod")["aws_cloudwatch_dashboard"]["dashboard"]["dashboard_body"]
    # As Terraform will hand it on.
    state, *graphs = json.loads(body.replace("$${", "${"))["widgets"]
    shown = " ".join(graph["properties"]["metrics"][0][0]["expression"] for graph in graphs)
    for metric in (
        metrics.LATENCY,
        metrics.RECORDS,
        metrics.COST,
        metrics.DQ_CRITICAL,
        notifier.QUARANTINED,
        notifier.FAILURES,
        checker.FINDINGS,
        checker.STALE,
        metrics.LAG,
        metrics.BATCH_SECONDS,
        metrics.MISSING,
        metrics.STORED_BYTES,
    ):
        assert f'MetricName="{metric}"' in shown
    targets = {
        graph["properties"]["title"]: graph["properties"]["annotations"]["horizontal"][0]["value"]
        for graph in graphs
        if "annotations" in graph["properties"]
    }
    assert sorted(targets.values()) == [BATCH_MINUTES, SUCCESS_PERCENT]
    places = [(widget["x"], widget["y"]) for widget in (state, *graphs)]
    assert len(set(places)) == len(places)
    links = {
        f"arn:aws:cloudwatch:eu-central-1:000000000003:alarm:{alarm['alarm_name']}"
        for kind in ("metric_alarm", "composite_alarm")
        for alarm in alerting("prod")[f"aws_cloudwatch_{kind}"].values()
    }
    assert set(state["properties"]["alarms"]) <= links
    assert "${" not in body.replace("$${", "")


@pytest.mark.parametrize("env", NAMES)
def test_every_alarm_links_to_a_runbook_that_is_there(env: str) -> None:
    linked = set()
    for kind in ("metric_alarm", "composite_alarm"):
        for alarm in alerting(env).get(f"aws_cloudwatch_{kind}", {}).values():
            (page,) = re.findall(r"https://\S+/docs/runbooks/([\w-]+)\.md$", alarm["alarm_description"])
            linked.add(page)
    assert not [page for page in linked if not (RUNBOOKS / f"{page}.md").is_file()]


def test_every_message_links_to_a_runbook_that_is_there() -> None:
    pages = {*links.RUNBOOKS.values(), links.JOB_FAILED, links.FINDINGS}
    assert not [page for page in pages if not (RUNBOOKS / f"{page}.md").is_file()]
    runbook = Path(RUNBOOKS / f"{links.FINDINGS}.md").read_text()
    kinds = checks.Kind.__args__  # type: ignore[attr-defined]
    assert not [kind for kind in kinds if f"## {kind.replace('_', ' ')}" not in runbook.lower()]
