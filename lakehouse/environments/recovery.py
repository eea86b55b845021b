"""The facts of what is kept how long, and of what the loss of a region may cost."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lakehouse.environments.fact import Count, Fact

Days = Annotated[int, Field(ge=1, le=3650)]


class Retention(Fact):
    """Days after which objects and logs are deleted."""

    noncurrent_days: Days = Field(
        description="The recovery window: how long a deleted or overwritten object can be brought back."
    )
    landing_days: Days
    error_lane_days: Days
    staging_days: Days
    athena_days: Days
    log_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827]
    gold_lock_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        0, description="Object lock of gold in governance mode; 0 is none."
    )


# AWS Backup starts a job within the first window and ends it within the second; both last at least an hour.
BACKUP_START_MINUTES = 60
BACKUP_COMPLETION_MINUTES = 120


class Recovery(Fact):
    """What the loss of a region may cost, in minutes."""

    rpo_minutes: Annotated[int, Field(ge=15)] = Field(
        description="Rows that are younger may be lost. Replication promises 15 minutes."
    )
    rto_minutes: Count = Field(description="After so long the platform runs again.")
    backup_days: Annotated[int, Field(ge=2, le=35)]
    backup_hours: Literal[1, 2, 3, 4, 6, 8, 12, 24] = Field(
        description="A backup of the Lakebase and the state is begun so often."
    )
    backup_rpo_minutes: Count = Field(
        description="Of the Lakebase and the state, whose backups are copied to the second region."
    )

    @model_validator(mode="after")
    def _backups_keep_the_promise(self) -> Self:
        worst = self.backup_hours * 60 + BACKUP_START_MINUTES + BACKUP_COMPLETION_MINUTES
        if worst > self.backup_rpo_minutes:
            raise ValueError(
                f"a backup every {self.backup_hours} h can be {worst} minutes old, more than "
                "backup_rpo_minutes"
            )
        return self
