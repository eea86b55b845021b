"""The cost of a Glue run, from the dated prices in environments/prices.yml."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from lakehouse.environments.fact import Fact
from lakehouse.environments.model import Environment, WorkerType
from lakehouse.environments.unit_prices import Assumed, UnitPrice, shipped_prices
from lakehouse.project import project_root
from lakehouse.reading.check import check
from lakehouse.reading.days import day_of
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import read_yaml

Usd = Annotated[float, Field(gt=0)]
Day = Annotated[date, BeforeValidator(lambda text: day_of(text) or text)]


class Prices(Fact):
    """Prices in USD on the day `as_of`."""

    as_of: Day
    source: str
    glue_dpu_hour_usd: Usd
    glue_flex_dpu_hour_usd: Usd
    glue_minimum_seconds: Annotated[int, Field(ge=0)]
    glue_dpu_per_worker: dict[WorkerType, Annotated[float, Field(gt=0)]]
    units: dict[str, UnitPrice] = Field(
        default_factory=dict,
        description="Prices in place of the shipped ones, which docs/guides/cost.md lists.",
    )
    assumed: Assumed = Field(default_factory=lambda: Assumed())

    @model_validator(mode="after")
    def _names_of_units(self) -> Self:
        unknown = sorted(set(self.units) - set(shipped_prices()))
        if unknown:
            present = ", ".join(shipped_prices())
            raise ValueError(f"no resource has the price '{unknown[0]}'; there are {present}")
        return self

    def unit(self, name: str) -> UnitPrice:
        """The project's price of a unit, else the shipped one."""
        return self.units.get(name) or shipped_prices()[name]


@lru_cache(maxsize=8)
def load_prices(root: Path | None = None) -> Prices:
    """The dated prices. Raises FaultsError with every fault of the file."""
    faults = Collector(root or project_root())
    prices = read_prices(faults)
    faults.raise_if_any()
    assert prices is not None
    return prices


def read_prices(faults: Collector) -> Prices | None:
    located = read_yaml(faults.root / "environments" / "prices.yml", faults)
    return check(Prices, located, faults) if located else None


def glue_cost_usd(env: Environment, seconds: float, root: Path | None = None) -> float:
    """DPU-hours × price of a run of `seconds` on the environment's workers; AWS bills at least one minute.

    An estimate to the sixth decimal: `seconds` includes the start-up, which AWS does not bill.
    """
    prices = load_prices(root)
    rate = prices.glue_flex_dpu_hour_usd if env.glue.flex else prices.glue_dpu_hour_usd
    hours = max(seconds, prices.glue_minimum_seconds) / 3600
    return round(env.glue.workers * prices.glue_dpu_per_worker[env.glue.worker_type] * hours * rate, 6)
