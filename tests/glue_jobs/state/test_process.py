"""A process of this machine is known to run or to have ended; nothing is known of any other."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from glue_jobs.state.process import now, process_ended, this_process

DEAD_PID = 2**22 + 1


def test_this_process_has_not_ended() -> None:
    assert process_ended(this_process()) is False


def test_a_process_id_that_nobody_has_or_that_another_process_got_has_ended() -> None:
    namespace, pid, started = this_process().rsplit(":", 2)
    assert process_ended(f"{namespace}:{DEAD_PID}:1") is True
    assert process_ended(f"{namespace}:{pid}:{int(started) - 1}") is True


def test_a_process_that_exited_but_was_not_reaped_has_ended() -> None:
    command = "from glue_jobs.state.process import this_process; print(this_process())"
    with subprocess.Popen([sys.executable, "-c", command], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        identity = child.stdout.readline().strip()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert process_ended(identity) is True


def test_nothing_is_known_of_other_machines_and_of_other_text() -> None:
    assert process_ended("another machine:1:1") is None
    assert process_ended("") is None


def test_the_clock_only_goes_forward() -> None:
    first = now()
    time.sleep(0.01)
    assert now() > first
