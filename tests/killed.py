"""Ends an operation at one of its calls of AWS, by a hook of botocore: nothing of the product is replaced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cli.recovery.region import Region
from glue_jobs.aws import clients
from lakehouse.environments import Environment

CHANGES = ("PutObject", "CopyObject", "DeleteObject", "DeleteObjects", "PutItem", "UpdateItem")


class KilledError(Exception):
    """Stands for the end of the process."""


@contextmanager
def killed_at_call(env: Environment, number: int) -> Iterator[None]:
    """Ends the work in the block at its n-th change of an object or an item, by a hook of botocore."""
    calls = 0

    def count(model: Any, **_: Any) -> None:
        nonlocal calls
        if model.name in (
            "PutObject",
            "CopyObject",
            "DeleteObject",
            "DeleteObjects",
            "PutItem",
            "UpdateItem",
        ):
            calls += 1
            if calls >= number:
                raise KilledError

    regions = [clients(region.env) for region in (Region.first(env), Region.second(env))]
    events = [client.meta.events for aws in regions for client in (aws.s3, aws.dynamodb)]
    for hooks in events:
        hooks.register("before-call.*", count)
    try:
        yield
    finally:
        for hooks in events:
            hooks.unregister("before-call.*", count)
