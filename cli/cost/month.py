"""What a month of an environment costs, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lakehouse.environments.prices import Prices


class Group(StrEnum):
    """Idle costs are those of an environment that runs nothing."""

    IDLE = "idle"
    SCHEDULE = "schedule"
    STREAMS = "streams"


@dataclass(frozen=True)
class CostLine:
    """One resource's quantity of one unit in a month. `basis`: where the quantity comes from."""

    group: Group
    resource_type: str
    name: str
    quantity: float
    unit: str
    unit_usd: float
    basis: str = "the stack"

    @property
    def usd(self) -> float:
        return self.quantity * self.unit_usd


@dataclass(frozen=True)
class Month:
    """The lines of a month."""

    lines: tuple[CostLine, ...]

    def usd(self, group: Group | None = None) -> float:
        """The sum of a group, or of all."""
        return sum(line.usd for line in self.lines if group in (None, line.group))


def line(
    prices: Prices,
    group: Group,
    resource: tuple[str, str],
    quantity: float,
    unit: str,
    basis: str = "the stack",
) -> CostLine:
    """A line whose price is the unit `unit` of the prices. `resource`: its type and name."""
    price = prices.unit(unit)
    return CostLine(group, *resource, quantity, price.per, price.usd, basis)


def month(lines: Iterable[CostLine]) -> Month:
    """The month of some lines, the dearest first within each group."""
    order = list(Group)
    return Month(tuple(sorted(lines, key=lambda each: (order.index(each.group), -each.usd, each.name))))
