"""The table of contents of what runs on AWS."""

from __future__ import annotations

from constructs import Construct

from infra.facts import Facts
from infra.parts.alerting.alarms import add_alarms
from infra.parts.alerting.cost import add_cost
from infra.parts.alerting.dashboard import add_dashboard
from infra.parts.alerting.notifiers import add_notifications
from infra.parts.catalog.catalog import add_catalog
from infra.parts.encryption.keys import add_keys
from infra.parts.encryption.secrets import add_secrets
from infra.parts.governance.lake_formation import add_governance
from infra.parts.jobs.jobs import add_jobs
from infra.parts.jobs.start_function import add_start_function
from infra.parts.network.network import add_network
from infra.parts.orchestration.airflow import add_orchestration
from infra.parts.orchestration.state_machines import add_state_machines
from infra.parts.recovery.second_region import add_recovery
from infra.parts.serving.serving import add_serving
from infra.parts.storage.artifacts import add_artifacts
from infra.parts.storage.state import add_state
from infra.parts.storage.zones import add_storage
from infra.platform_stack import PlatformStack


def build_stack(scope: Construct, facts: Facts) -> PlatformStack:
    """Every resource of one environment, part by part. A part takes what the parts before it made."""
    stack = PlatformStack(scope, facts)
    keys = add_keys(stack)
    zones = add_storage(stack, keys)
    network = add_network(stack, keys)
    state = add_state(stack, keys)
    stored_secrets = add_secrets(stack, keys)
    artifacts = add_artifacts(stack, keys, zones)
    tables = add_catalog(stack, keys, zones, network, stored_secrets)
    jobs = add_jobs(stack, keys, network, artifacts, tables)
    governance = add_governance(stack, keys, zones, tables, jobs)
    if stack.env.stack.orchestrator == "mwaa":
        add_orchestration(stack, keys, network, zones, artifacts.dags)
    serving = add_serving(stack, keys, network, zones, stored_secrets, tables)
    notifications = add_notifications(stack, keys, zones, artifacts)
    if stack.env.stack.orchestrator == "none":
        add_state_machines(stack, keys, notifications)
    add_start_function(stack, keys, artifacts, notifications.dead_letters)
    add_alarms(stack, notifications)
    add_recovery(stack, keys, zones, state, serving, notifications, governance.settings_replica)
    add_cost(stack, notifications)
    add_dashboard(stack)
    return stack
