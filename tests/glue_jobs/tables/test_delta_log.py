"""Transactions name a write. Reading a log is tested in test_read.py."""

from __future__ import annotations

from typing import Any

import pytest

from glue_jobs.tables import delta_log
from glue_jobs.tables.delta_log import Txn, updated


def test_a_transaction_is_given_to_a_writer_as_its_options() -> None:
    assert Txn("job.silver.orders", 7, "b-1").options() == {
        "txnAppId": "job.silver.orders",
        "txnVersion": "7",
        "userMetadata": "b-1",
    }


class _Method:
    def __init__(self, name: str, count: int) -> None:
        self.getName, self.getParameterCount = lambda: name, lambda: count


class _Log:
    """A log of a build of Delta whose `update` has `count` parameters, as py4j shows it."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __getattr__(self, name: str) -> Any:
        if name.startswith("update$default$") and int(name.rpartition("$")[2]) <= self.count:
            return lambda: f"default {name.rpartition('$')[2]}"
        raise AttributeError(name)

    def getClass(self) -> _Log:
        return self

    def getMethods(self) -> list[_Method]:
        return [_Method("updateOther", 9), _Method("update", self.count)]

    def update(self, *given: str) -> list[str]:
        assert len(given) == self.count
        return list(given)


@pytest.mark.parametrize("count", [1, 3, 4])
def test_log_of_another_build_of_delta_is_updated_by_its_own_defaults(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta_log, "_parameters", None)
    assert updated(_Log(count)) == [f"default {number}" for number in range(1, count + 1)]
