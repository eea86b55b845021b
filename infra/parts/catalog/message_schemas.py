"""A registry with a JSON schema for each topic that contracts are read from.

A producer that checks its messages against the registry cannot break a reader.
"""

from __future__ import annotations

import json
import re

from cdktf_cdktf_provider_aws.glue_registry import GlueRegistry
from cdktf_cdktf_provider_aws.glue_schema import GlueSchema

from infra.platform_stack import PlatformStack
from lakehouse.contracts import Contract
from lakehouse.contracts.catalog import MOST_DESCRIPTION, topic_schema
from lakehouse.environments import names


def message_schemas(stack: PlatformStack) -> None:
    """The registry and its schemas; nothing where no contract reads a topic."""
    topics = _topics(stack)
    if not topics:
        return
    registry = GlueRegistry(
        stack,
        "registry_messages",
        registry_name=names.registry(stack.env),
        description="What may be sent to the topics that are read here",
    )
    for topic, contracts in topics.items():
        GlueSchema(
            stack,
            f"schema_{_terraform_name(topic)}",
            schema_name=topic,
            registry_arn=registry.arn,
            description=" / ".join(contract.description for contract in contracts)[:MOST_DESCRIPTION],
            data_format="JSON",
            compatibility="BACKWARD",
            schema_definition=json.dumps(topic_schema(contracts)),
        )


def _topics(stack: PlatformStack) -> dict[str, list[Contract]]:
    """Topic → the contracts of the lake or the Lakebase that are read from it."""
    topics: dict[str, list[Contract]] = {}
    for contract in stack.facts.schemas.contracts.values():
        if contract.lake.source and contract.lake.source.kind == "kafka":
            topics.setdefault(contract.lake.source.object, []).append(contract)
    return topics


def _terraform_name(topic: str) -> str:
    """Replaces dots and dashes, which Terraform forbids, by code points: no two topics share a name."""
    return re.sub("[^A-Za-z0-9_]", lambda match: f"_{ord(match[0]):x}_", topic)
