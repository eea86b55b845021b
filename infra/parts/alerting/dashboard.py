"""The dashboard of an environment: alarms, durations, rows, quarantine, streams and cost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard

from infra.platform_stack import PlatformStack
from lakehouse.environments import Environment, metric_names, names

Widget = dict[str, Any]
DAY, QUARTER_HOUR = 86_400, 900
# CloudWatch shows this many alarms in one widget.
MAX_ALARMS = 100
WIDTH, HEIGHT, GRAPHS_IN_ROW = 12, 6, 2
# The targets of `lakehouse stats` too (cli/run/stats.py).
SUCCESS_PERCENT, BATCH_MINUTES = 99, 30
JOB, ENVIRONMENT = ("job", "environment"), ("environment",)


@dataclass(frozen=True)
class Graph:
    """Every series of one metric. `per` adds a dimension to `dimensions`; `period` is in seconds."""

    title: str
    metric: str
    statistic: str = "Maximum"
    period: int = QUARTER_HOUR
    per: str = ""
    dimensions: tuple[str, ...] = JOB
    stacked: bool = False


# From left to right, two in a row.
GRAPHS = (
    Graph("Failures", metric_names.FAILURES, "Sum"),
    Graph("Critical rules broken", metric_names.DQ_CRITICAL, "Sum"),
    Graph("Duration, seconds", metric_names.LATENCY),
    Graph("Rows written, per table and day", metric_names.RECORDS, "Sum", DAY, per="table"),
    Graph("Rows in quarantine, per run", metric_names.QUARANTINED),
    Graph("Rows open in quarantine, per table", metric_names.QUARANTINE_OPEN, per="table"),
    Graph("Estimated cost of the jobs, USD per day", metric_names.COST, "Sum", DAY, stacked=True),
    Graph("Findings of the check", metric_names.FINDINGS, dimensions=ENVIRONMENT),
    Graph("Stale gold tables", metric_names.STALE_TABLES, dimensions=ENVIRONMENT),
    Graph("Streams: messages not read yet", metric_names.LAG, per="table"),
    Graph("Streams: seconds of a micro-batch", metric_names.BATCH_SECONDS, per="table"),
    Graph("Streams: offsets that were missing", metric_names.MISSING, "Sum", per="table"),
    Graph("Bytes stored, all versions, per table", metric_names.STORED_BYTES, period=DAY, per="table"),
)


def add_dashboard(stack: PlatformStack) -> None:
    """The dashboard. Its graphs search for series, so a new job appears without a change of the dashboard."""
    graphs = [_graph(stack.env, graph, number) for number, graph in enumerate(GRAPHS)]
    targets = _targets(stack.env, len(GRAPHS) + len(GRAPHS) % GRAPHS_IN_ROW)
    body = json.dumps({"widgets": [_alarms(stack), *graphs, *targets]})
    CloudwatchDashboard(stack, "dashboard", dashboard_name=names.dashboard(stack.env), dashboard_body=body)


def _alarms(stack: PlatformStack) -> Widget:
    """The state of the alarms that notify."""
    env = stack.env
    spoken_for = stack.facts.pipelines if env.stack.alerts.of_jobs else ()
    pipelines = [p for p in spoken_for if any(job.runs_in(env) for job in p.jobs)]
    alarms = [
        "depth-dead_letters",
        "depth-undelivered",
        "freshness",
        *(f"pipeline-{p.name}" for p in pipelines),
    ]
    prefix = f"arn:aws:cloudwatch:{env.region}:{env.account}:alarm:"
    arns = [f"{prefix}{names.alarm(env, name)}" for name in alarms]
    return {
        "type": "alarm",
        "x": 0,
        "y": 0,
        "width": WIDTH * GRAPHS_IN_ROW,
        "height": HEIGHT,
        "properties": {
            "title": f"State of {env.name}",
            "alarms": arns[:MAX_ALARMS],
            "sortBy": "stateUpdatedTimestamp",
        },
    }


def _targets(env: Environment, number: int) -> list[Widget]:
    """What users asked for, beside their lines: runs that succeed, and minutes of an average run of batch."""

    def search(metric: str, statistic: str) -> str:
        schema = f'"{names.metrics_namespace(env)}",{",".join(JOB)}'
        return (
            f"SEARCH('{{{schema}}} MetricName=\"{metric}\" environment=\"{env.name}\"', '{statistic}', {DAY})"
        )

    runs, failed = search(metric_names.LATENCY, "SampleCount"), search(metric_names.FAILURES, "Sum")
    minutes = f"AVG({search(metric_names.LATENCY, 'Average')}) / 60"
    rate = f"100 * (1 - FILL(SUM({failed}), 0) / SUM({runs}))"
    return [
        _target(env, "Runs that succeed after retries, % per day", rate, SUCCESS_PERCENT, number),
        _target(env, "Average run, minutes per day", minutes, BATCH_MINUTES, number + 1),
    ]


def _target(env: Environment, title: str, expression: str, target: float, number: int) -> Widget:
    return {
        **_cell(number),
        "properties": {
            "title": title,
            "region": env.region,
            "view": "timeSeries",
            "period": DAY,
            "metrics": [[{"expression": expression, "label": title, "id": "m"}]],
            "annotations": {"horizontal": [{"label": "target", "value": target}]},
        },
    }


def _cell(number: int) -> Widget:
    """A graph's kind, place and size; cells are numbered row by row below the alarms."""
    row, column = divmod(number, GRAPHS_IN_ROW)
    return {
        "type": "metric",
        "x": column * WIDTH,
        "y": (row + 1) * HEIGHT,
        "width": WIDTH,
        "height": HEIGHT,
    }


def _graph(env: Environment, graph: Graph, number: int) -> Widget:
    """The widget in the cell `number` below the alarms."""
    dimensions = (*graph.dimensions, *([graph.per] if graph.per else []))
    schema = ",".join([f'"{names.metrics_namespace(env)}"', *dimensions])
    filters = f'MetricName="{graph.metric}" environment="{env.name}"'
    search = f"SEARCH('{{{schema}}} {filters}', '{graph.statistic}', {graph.period})"
    # CloudWatch's own `${…}`: the second dollar escapes it for Terraform.
    label = "$${PROP('Dim." + (graph.per or graph.dimensions[0]) + "')}"
    return {
        **_cell(number),
        "properties": {
            "title": graph.title,
            "region": env.region,
            "view": "timeSeries",
            "stacked": graph.stacked,
            "period": graph.period,
            "stat": graph.statistic,
            "metrics": [[{"expression": search, "label": label, "id": "m"}]],
        },
    }
