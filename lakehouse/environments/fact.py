"""What every fact of an environment is."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(gt=0)]


class Fact(BaseModel):
    """A fact is frozen, and a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
