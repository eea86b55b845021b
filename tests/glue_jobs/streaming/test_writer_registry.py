"""Which writer fills a table."""

from __future__ import annotations

from typing import Any

import pytest

from glue_jobs.errors import RunError
from glue_jobs.streaming.writer_registry import writer_for
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import job, run_context, schemas


@pytest.mark.parametrize(
    ("lake", "class_name"),
    [({"write": "append", "sequence": None}, "AppendWriter"), ({"write": "merge"}, "MergeWriter")],
)
def test_the_contract_names_the_writer(aws_env: Environment, lake: dict[str, Any], class_name: str) -> None:
    run = run_context(aws_env, job(), schemas())
    writer = writer_for(run, contract("silver.things", **lake), in_order=False)
    assert type(writer).__name__ == class_name


@pytest.mark.parametrize("write", ["replace", "scd2", "recompute"])
def test_a_stream_writes_in_no_other_mode(aws_env: Environment, write: str) -> None:
    run = run_context(aws_env, job(), schemas())
    with pytest.raises(RunError, match=f"RUN123 silver.things: its contract says write '{write}'"):
        writer_for(run, contract("silver.things", write=write), in_order=False)


def test_changes_of_a_database_need_a_table_that_can_delete(aws_env: Environment) -> None:
    source = {"kind": "kafka", "object": "things", "format": "cdc", "system": "shop"}
    run = run_context(aws_env, job(), schemas())
    with pytest.raises(RunError, match=r"RUN123 .*changes of a database need a table with write 'merge'"):
        writer_for(run, contract("silver.things", source=source), in_order=True)
