"""The two events that Glue sends about a run, as EventBridge delivers them."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.utilities.parser import BaseModel
from aws_lambda_powertools.utilities.parser.models import EventBridgeModel
from pydantic import BeforeValidator, ConfigDict, Field

STATE_CHANGE = "Glue Job State Change"
DELAY = "Glue Job Run Status"


def _as_text(value: object) -> object:
    """Accepts null and other types, so that a change of AWS's events loses no message."""
    return "" if value is None else value if isinstance(value, str) else str(value)


Text = Annotated[str, BeforeValidator(_as_text)]


class Detail(BaseModel):
    """The run. `state` is SUCCEEDED, FAILED, TIMEOUT or STOPPED; in a delay STARTING, RUNNING or STOPPING."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    job_name: Annotated[str, Field(alias="jobName", min_length=1)]
    run_id: Text = Field("", alias="jobRunId")
    state: Text = ""
    message: Text = ""


class GlueEvent(EventBridgeModel):
    """An event about a run: its end, or its delay beyond the job's notification threshold."""

    detail_type: Literal["Glue Job State Change", "Glue Job Run Status"] = Field(alias="detail-type")
    detail: Detail

    @property
    def key(self) -> str:
        """Identifies the event's content: equal for repeated events with different ids."""
        run = self.detail.run_id or self.id
        return f"{self.detail.job_name}:{run}:{self.detail_type}:{self.detail.state}"
