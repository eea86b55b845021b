"""The results that gates have stored of a table."""

from __future__ import annotations

import json
from typing import Any

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri, list_objects
from lakehouse.environments import Environment, names

_WHOLE = "the whole table"
_HEADER = "run date, gate, rule, severity, expectation, arguments, rows, unexpected, observed, part"
HEADER = _HEADER.split(", ")


def stored_results(env: Environment, table: str, runs: int) -> list[list[Any]]:
    """A row of `HEADER` for each rule in the newest `runs` documents of the table, the newest first.

    Raises RunError (RUN201) when no gate has judged the table.
    """
    s3, folder = (
        clients(env).s3,
        S3Uri.parse(names.dq_results_root(env)).child(table.replace(".", "/")).folder,
    )
    newest = sorted(list_objects(s3, folder), key=lambda item: item["LastModified"], reverse=True)
    if not newest:
        raise RunError(f"no gate has stored a result of {table} at {folder}", code="RUN201")
    documents = [
        s3.get_object(Bucket=folder.bucket, Key=item["Key"])["Body"].read() for item in newest[:runs]
    ]
    return [row for document in documents for row in _rows(json.loads(document))]


def _rows(document: dict[str, Any]) -> list[list[Any]]:
    meta = document["meta"]
    return [[meta["run_id"]["run_time"], meta["job"], *_rule(result)] for result in document["results"]]


def _rule(result: dict[str, Any]) -> list[Any]:
    config, numbers = result["expectation_config"], result["result"]
    return [
        "held" if result["success"] else "BROKEN",
        config["severity"],
        config["type"],
        json.dumps(config["kwargs"], ensure_ascii=False),
        numbers.get("element_count"),
        numbers.get("unexpected_count"),
        result["exception_info"]["exception_message"] or numbers.get("observed_value"),
        result["meta"].get("part", _WHOLE),
    ]
