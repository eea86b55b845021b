"""What a caller asks for, held against the job catalog. Nothing else reaches Glue."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from lambdas.common.job_catalog import Job, JobCatalog
from lambdas.start_run.refused import RefusedError

CODE = "RUN640"

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class StartRequest(BaseModel):
    """A job, its logical date (2017-01-31), values of its parameters, and arguments of its type.

    `identity` holds the headers by which STS knows the caller: lambdas/start_run/caller.py.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    job: str
    run_date: str
    params: dict[str, str] = {}
    arguments: dict[str, str] = {}
    identity: dict[str, str]

    @classmethod
    def parse(cls, event: object) -> StartRequest:
        """Raises RefusedError for another key, a key that is missing, or a value that is no text."""
        try:
            return cls.model_validate(event)
        except ValidationError as error:
            faults = error.errors(include_input=False, include_url=False)
            lines = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults]
            keys = ", ".join(cls.model_fields)
            raise RefusedError("\n".join([*lines, f"wanted an object with {keys}"]), CODE) from None

    def glue_arguments(self, catalog: JobCatalog) -> tuple[Job, dict[str, str]]:
        """The job, and the arguments of its Glue run. Raises RefusedError with every fault."""
        job = catalog.jobs.get(self.job)
        if job is None:
            raise RefusedError("job: this environment has no job of that name", CODE)
        faults = _day_faults(self.run_date)
        faults += _faults("params", self.params, job.params)
        faults += _faults("arguments", self.arguments, job.arguments)
        if faults:
            raise RefusedError("\n".join(faults), CODE)
        params = {"--params": json.dumps(self.params)} if self.params else {}
        named = {f"--{name}": value for name, value in self.arguments.items()}
        return job, {"--run-date": self.run_date, **named, **params}


def _day_faults(text: str) -> list[str]:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        return ["run_date: wanted a date as 2017-01-31"]
    return ["run_date: it is after today"] if day > datetime.now(UTC).date() else []


def _faults(key: str, values: Mapping[str, str], patterns: Mapping[str, str]) -> list[str]:
    """A line for each name that the job does not have, and for each value of another form."""
    faults = []
    for name, value in values.items():
        if name not in patterns:
            names = ", ".join(sorted(patterns)) or "none"
            faults.append(f"{key}: '{name[:60]}' is none that the job takes; it takes {names}")
        elif not re.fullmatch(patterns[name], value):
            faults.append(f"{key}.{name}: wanted a value like {patterns[name]}")
    return faults
