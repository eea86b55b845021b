"""Requests that a client has compressed."""

from __future__ import annotations

from lakehouse.environments import Environment
from tests.local_aws.iam.session_role import Client, Role, refusal


def test_a_compressed_request_is_decided_by_what_it_says(local_env: Environment, client: Client) -> None:
    """botocore compresses metrics of more than 10 KiB."""
    role = Role(local_env, client)
    namespace = {"StringEquals": {"cloudwatch:namespace": ["Ours"]}}
    role.may({"Action": "cloudwatch:PutMetricData", "Condition": namespace})
    data = [{"MetricName": f"rows of the table number {number}", "Value": number} for number in range(300)]
    cloudwatch = role.client("cloudwatch")
    compressed: list[bool] = []
    cloudwatch.meta.events.register(
        "before-send.cloudwatch.*",
        lambda request, **_: compressed.append(bytes(request.body).startswith(b"\x1f\x8b")),
    )
    cloudwatch.put_metric_data(Namespace="Ours", MetricData=data)
    assert compressed == [True]
    assert (
        refusal(cloudwatch.put_metric_data, Namespace="Theirs", MetricData=data)[0] == "AccessDeniedException"
    )
    stored = role.owner("cloudwatch").list_metrics(Namespace="Ours")["Metrics"]
    assert {metric["MetricName"] for metric in stored} == {one["MetricName"] for one in data}
