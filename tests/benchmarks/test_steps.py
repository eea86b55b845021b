"""The benchmark runs on few rows, and both sides of each step leave the same table. Nothing is timed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_engine_and_bare_script_leave_the_same_tables() -> None:
    few = ("--rows", "50000", "--rounds", "1", "--no-memory", "--json")
    command = [sys.executable, "-m", "benchmarks", *few]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    assert done.stdout, done.stderr[-3000:]
    steps = json.loads(done.stdout)["steps"]
    assert len(steps) == 6
    assert [step["step"] for step in steps if not step["equal"]] == []
