"""The topic that a new stream reads: one whose messages a contract describes already, or a new one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from cli.pipeline.template import is_from_template
from lakehouse.contracts import Contract, SourcedContract
from lakehouse.contracts.catalog import PLACE
from lakehouse.contracts.files import document_of

# Kafka's own rule for the name of a topic.
TOPIC = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}")
POSITION = ("topic", "partition", "offset")
# Keys of `x-lake` that say what the messages are; the others say how the other table is kept.
COPIED_KEYS = ("primary_key", "sequence", "partition_by", "cluster_by", "delete_flag", "watermark_column")


def topic_answers(
    root: Path, contracts: Mapping[str, Contract], name: str, topic: str | None
) -> dict[str, Any]:
    """The topic and the columns of its messages: those of the contract that describes it, else an example's.

    Without `topic`: the topic of the project's first such contract, else one of the pipeline's name. Raises
    BadParameter for a topic that Kafka would not take, and for a project without contracts.
    """
    if topic is not None and not TOPIC.fullmatch(topic):
        raise typer.BadParameter(
            f"{topic!r:.80} is no name of a topic; it has letters, digits, '.', '_' and '-', at most 249"
        )
    if not contracts:
        raise typer.BadParameter("the project has no contract that names an owner: make one first")
    described = _described_topic(root, contracts, topic)
    if described is None:
        owner = min(contracts.values(), key=lambda c: c.table).lake.owner
        return {"topic": topic or name, "owner": owner}
    return {
        "topic": described.source.object,
        "owner": described.lake.owner,
        **_columns(root, described, name),
    }


def _described_topic(
    root: Path, contracts: Mapping[str, Contract], topic: str | None
) -> SourcedContract | None:
    """The contract of a bronze table of messages; one with the standard names of the position first.

    Without `topic`, tables of other templates are left out.
    """
    sourced = [SourcedContract.of(contracts[table]) for table in sorted(contracts)]
    described = [
        c
        for c in sourced
        if c is not None
        and c.source.kind == "kafka"
        and (topic == c.source.object if topic else not is_from_template(root, c.name))
        and (c.layer, c.lake.write, c.lake.store) == ("bronze", "append", "delta")
    ]
    return min(described, key=lambda c: not set(PLACE) <= set(c.column_names), default=None)


def _columns(root: Path, contract: SourcedContract, name: str) -> dict[str, Any]:
    """Every column of the contract as its file declares it, each as a line of JSON."""
    document = document_of(root, contract.table)
    declared = document["x-lake"]
    lake: dict[str, Any] = {"version": 1, "owner": declared["owner"], "write": "append"}
    lake |= {key: declared[key] for key in COPIED_KEYS if key in declared}
    if "watermark_state_key" in declared:
        lake["watermark_state_key"] = f"{name}.offsets"
    lake["source"] = declared["source"]
    return {
        "lake": [_line(key, value) for key, value in lake.items()],
        "properties": [_line(key, value) for key, value in document["properties"].items()],
        "required": document.get("required", []),
        "key": contract.primary_key[0],
        "position": _position(contract),
        "additional": document.get("additionalProperties", True),
    }


def _line(key: str, value: object) -> str:
    return f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"


def _position(contract: Contract) -> list[str]:
    """The columns that hold topic, partition and offset of a message; none unless all three are there."""
    columns = []
    for part in POSITION:
        sources = (f"kafka:{part}", f"kafka_{part}")
        columns += [c.name for c in contract.columns if c.source_name in sources][:1]
    return columns if len(columns) == len(POSITION) else []
