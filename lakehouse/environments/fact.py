"""The base of every model of an environment's facts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Count = Annotated[int, Field(gt=0)]


def cron(text: str) -> str:
    """A schedule with five fields, as written. Raises ValueError for one that never comes."""
    try:
        if len(text.split()) != 5:
            raise ValueError(f"'{text:.60}' has {len(text.split())} fields; wanted cron with five")
        next(CronSim(text, datetime(2000, 1, 1)))
    except (CronSimError, StopIteration) as error:
        raise ValueError(f"'{text:.60}' is no cron schedule: {error}") from None
    return text


Cron = Annotated[str, AfterValidator(cron)]


class Fact(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
