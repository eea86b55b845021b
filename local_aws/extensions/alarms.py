"""CloudWatch's composite alarms: moto keeps and shows them, and has no way in."""

from __future__ import annotations

from moto.cloudwatch.responses import CloudWatchResponse

# An alarm with a rule is a composite one, to moto too.
CloudWatchResponse.put_composite_alarm = CloudWatchResponse.put_metric_alarm  # type: ignore[attr-defined]
