"""The facts of how streaming jobs read."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from lakehouse.environments.fact import Count, Cron, Fact


class Streams(Fact):
    """How streaming jobs read. On a laptop a run reads what the topic holds, and ends."""

    trigger: Literal["continuous", "available_now"]
    starts: Cron | None = Field(
        None,
        description=(
            "With `available_now`: when (cron, UTC) a stream starts, reads what has come, and ends. Null "
            "starts one that does not run, every five minutes."
        ),
    )
    seconds: Count = Field(description="Between the starts of two micro-batches of a continuous stream.")
    max_message_bytes: Count = Field(description="A longer message goes to quarantine.")
    repeat_hours: Count = Field(
        48,
        description=(
            "How long a stream that adds up remembers the key of a message: one that is sent again within it "
            "counts once."
        ),
    )

    @model_validator(mode="after")
    def _only_what_ends_starts_again(self) -> Self:
        if self.starts and self.trigger == "continuous":
            raise ValueError(
                f"starts is '{self.starts}', and a continuous stream does not end: available_now does"
            )
        return self
