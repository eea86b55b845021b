"""The table of contents of what runs on AWS."""

from __future__ import annotations

from constructs import Construct

from infra.facts import Facts
from infra.parts.alerting.alarms import alarms
from infra.parts.alerting.cost import cost
from infra.parts.alerting.dashboard import dashboard
from infra.parts.alerting.notifiers import notifiers
from infra.parts.governance.governance import governance
from infra.parts.jobs.jobs import jobs
from infra.parts.network.network import network
from infra.parts.orchestration.orchestration import orchestration
from infra.parts.recovery.recovery import recovery
from infra.parts.serving.catalog import catalog
from infra.parts.serving.serving import serving
from infra.parts.storage.artifacts import artifacts
from infra.parts.storage.keys import keys
from infra.parts.storage.secrets import secrets
from infra.parts.storage.state import state
from infra.parts.storage.zones import storage
from infra.platform_stack import House


def stack(scope: Construct, facts: Facts) -> House:
    """Everything of one environment, part by part."""
    house = House(scope, facts)
    by_group = keys(house)
    zones = storage(house, by_group)
    private = network(house, by_group)
    control = state(house, by_group)
    containers = secrets(house, by_group)
    built = artifacts(house, by_group, zones)
    tables = catalog(house, by_group, zones, private, containers)
    work = jobs(house, by_group, private, built, tables)
    seen = governance(house, by_group, zones, tables, work)
    orchestration(house, by_group, private, zones, built.dags)
    served = serving(house, by_group, private, zones)
    told = notifiers(house, by_group, zones, built)
    alarms(house, told, work)
    recovery(house, by_group, zones, control, served, told, seen.settings_replica)
    cost(house, told)
    dashboard(house)
    return house
