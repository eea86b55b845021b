"""The base of every model of an environment's facts."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lakehouse.reading.cron import CronError, read_cron

Count = Annotated[int, Field(gt=0)]


def cron(text: str) -> str:
    """A schedule with five fields, as written. Raises ValueError for one that Airflow does not start."""
    try:
        return read_cron(text)
    except CronError as error:
        raise ValueError(f"{error}; wanted {error.wanted}") from None


Cron = Annotated[str, AfterValidator(cron)]


class Fact(BaseModel):
    """A frozen model that refuses unknown keys."""

    # Strict: true is no number and "1_000" none either; an infinity bounds nothing.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
