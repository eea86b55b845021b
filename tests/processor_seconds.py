"""Processor seconds of each test file, its Spark, Terraform and other child processes included.

`pytest -p tests.processor_seconds -n 0 tests/loans`. Other work on the machine disturbs them less than it
disturbs the seconds on the clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

_SHOWN = 30
_by_file: Counter[str] = Counter()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    before = _processor_seconds()
    result = yield
    _by_file[item.nodeid.split("::")[0]] += _processor_seconds() - before  # type: ignore[assignment]
    return result


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.section("processor seconds by file")
    for file, seconds in _by_file.most_common(_SHOWN):
        terminalreporter.write_line(f"{seconds:8.1f} {file}")


def _processor_seconds() -> float:
    """Of this process and its descendants.

    A child that has ended counts once its parent has waited for it.
    """
    process = psutil.Process()
    return sum(map(_seconds, (process, *process.children(recursive=True))))


def _seconds(process: psutil.Process) -> float:
    try:
        return float(sum(process.cpu_times()[:4]))
    except psutil.Error:
        return 0.0
