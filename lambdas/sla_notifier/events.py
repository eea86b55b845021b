"""The two events that Glue sends of a run, as EventBridge delivers them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.utilities.parser import BaseModel
from aws_lambda_powertools.utilities.parser.models import EventBridgeModel
from pydantic import BeforeValidator, ConfigDict, Field

STATE_CHANGE = "Glue Job State Change"
DELAY = "Glue Job Run Status"


def _words(value: Any) -> Any:
    """AWS adds to its events as it likes; a null in one must not cost the message."""
    return "" if value is None else value if isinstance(value, str) else str(value)


Words = Annotated[str, BeforeValidator(_words)]


class Detail(BaseModel):
    """`state` of a state change: SUCCEEDED, FAILED, TIMEOUT or STOPPED; of a delay: STARTING, RUNNING or STOPPING."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    job_name: Annotated[str, Field(alias="jobName", min_length=1)]
    run_id: Words = Field("", alias="jobRunId")
    state: Words = ""
    message: Words = ""


class GlueEvent(EventBridgeModel):
    detail_type: Literal["Glue Job State Change", "Glue Job Run Status"] = Field(alias="detail-type")
    detail: Detail

    @property
    def key(self) -> str:
        """The same for the same news, however often and under whatever id it comes."""
        return (
            f"{self.detail.job_name}:{self.detail.run_id or self.id}:{self.detail_type}:{self.detail.state}"
        )
