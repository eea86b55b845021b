"""One page per environment: state, durations, rows, quarantine, cost."""

from __future__ import annotations

import json
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard

from infra.platform_stack import PlatformStack
from lakehouse.environments import names

Widget = dict[str, Any]
DAY, QUARTER = 86_400, 900
# CloudWatch shows at most so many alarms in one widget.
MOST_ALARMS = 100


def add_dashboard(stack: PlatformStack) -> None:
    """Its graphs search for the jobs, so that a new job is on it and no row of facts changes it."""
    widgets = [_state(stack), *_rows(stack)]
    CloudwatchDashboard(
        stack,
        "dashboard",
        dashboard_name=names.dashboard(stack.env),
        dashboard_body=json.dumps({"widgets": widgets}),
    )


def _rows(stack: PlatformStack) -> list[Widget]:
    return [
        _graph(stack, 6, 0, "Failures", "job_failures", "Sum", QUARTER),
        _graph(stack, 6, 12, "Critical rules broken", "dq_critical_failures", "Sum", QUARTER),
        _graph(stack, 12, 0, "Duration, seconds", "latency_seconds", "Maximum", QUARTER),
        _graph(
            stack, 12, 12, "Rows written, per table and day", "records_processed_total", "Sum", DAY, "table"
        ),
        _graph(stack, 18, 0, "Rows in quarantine, per run", "records_quarantined_total", "Maximum", QUARTER),
        _graph(
            stack,
            18,
            12,
            "Estimated cost of the jobs, USD per day",
            "cost_estimate_usd",
            "Sum",
            DAY,
            stacked=True,
        ),
        _graph(
            stack, 24, 0, "Findings of the check", "sla_findings", "Maximum", QUARTER, of=("environment",)
        ),
        _graph(stack, 24, 12, "Stale gold tables", "stale_tables", "Maximum", QUARTER, of=("environment",)),
        _graph(
            stack, 30, 0, "Streams: messages not read yet", "stream_lag_messages", "Maximum", QUARTER, "table"
        ),
        _graph(
            stack,
            30,
            12,
            "Streams: seconds of a micro-batch",
            "stream_batch_seconds",
            "Maximum",
            QUARTER,
            "table",
        ),
        _graph(
            stack,
            36,
            0,
            "Streams: offsets that were missing",
            "stream_offsets_missing",
            "Sum",
            QUARTER,
            "table",
        ),
        _graph(
            stack, 36, 12, "Bytes stored, all versions, per table", "stored_bytes", "Maximum", DAY, "table"
        ),
    ]


def _state(stack: PlatformStack) -> Widget:
    env = stack.env
    own = ["depth-dead_letters", "depth-undelivered", "freshness"]
    spoken = [f"pipeline-{p.name}" for p in stack.facts.pipelines if any(job.runs_in(env) for job in p.jobs)]
    arns = [
        f"arn:aws:cloudwatch:{env.region}:{env.account}:alarm:{names.alarm(env, name)}"
        for name in [*own, *spoken]
    ]
    return {
        "type": "alarm",
        "x": 0,
        "y": 0,
        "width": 24,
        "height": 6,
        "properties": {
            "title": f"State of {env.name}",
            "alarms": arns[:MOST_ALARMS],
            "sortBy": "stateUpdatedTimestamp",
        },
    }


def _graph(
    stack: PlatformStack,
    y: int,
    x: int,
    title: str,
    metric: str,
    how: str,
    period: int,
    extra: str = "",
    *,
    of: tuple[str, ...] = ("job", "environment"),
    stacked: bool = False,
) -> Widget:
    env = stack.env
    schema = ",".join([f'"{names.metrics_namespace(env)}"', *of, *([extra] if extra else [])])
    search = f"SEARCH('{{{schema}}} MetricName=\"{metric}\" environment=\"{env.name}\"', '{how}', {period})"
    # CloudWatch's own `${…}`: the second dollar tells Terraform that it is none of its.
    label = "$${PROP('Dim." + (extra or of[0]) + "')}"
    return {
        "type": "metric",
        "x": x,
        "y": y,
        "width": 12,
        "height": 6,
        "properties": {
            "title": title,
            "region": env.region,
            "view": "timeSeries",
            "stacked": stacked,
            "period": period,
            "stat": how,
            "metrics": [[{"expression": search, "label": label, "id": "m"}]],
        },
    }
