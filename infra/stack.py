"""The table of contents of what runs on AWS."""

from __future__ import annotations

from constructs import Construct

from infra.facts import Facts
from infra.house import House
from infra.parts.keys import keys
from infra.parts.storage import storage


def stack(scope: Construct, facts: Facts) -> House:
    """Everything of one environment, part by part."""
    house = House(scope, facts)
    by_group = keys(house)
    storage(house, by_group)
    return house
