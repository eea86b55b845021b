"""Workers become cores and memory of this machine, and runs wait for theirs in order."""

from __future__ import annotations

import threading

import pytest

from local_aws.glue.capacity import Cores, Machine, share_of

SMALL, LARGE = Machine(2, 24 * 1024), Machine(64, 512 * 1024)


@pytest.mark.parametrize(
    ("machine", "worker_type", "workers", "cores", "dpu"),
    [
        (SMALL, "G.1X", 2, 2, 2.0),
        (LARGE, "G.1X", 2, 4, 2.0),
        (LARGE, "G.1X", 5, 16, 5.0),
        (LARGE, "G.2X", 3, 16, 6.0),
        (LARGE, "G.025X", 2, 2, 0.5),
        (LARGE, "G.8X", 10, 64, 80.0),
        (LARGE, "G.1X", 1, 4, 1.0),
    ],
)
def test_run_gets_the_cores_of_its_executors_as_far_as_the_machine_has_them(
    machine: Machine, worker_type: str, workers: int, cores: int, dpu: float
) -> None:
    share = share_of(machine, worker_type, workers)
    assert (share.cores, share.dpu) == (cores, dpu)


def test_heap_is_that_of_the_workers_and_no_more_than_the_runs_part_of_the_machine() -> None:
    assert share_of(LARGE, "G.1X", 2).memory_mb == int(16 * 1024 * 0.6)
    assert share_of(SMALL, "G.8X", 10).memory_mb == 12 * 1024
    assert share_of(Machine(2, 1024), "G.025X", 2).memory_mb == 1024


def test_cores_are_given_in_the_order_in_which_runs_came() -> None:
    cores, order, threads = Cores(2), [], []
    assert cores.try_take(2)
    queued = threading.Semaphore(0)

    def wait(name: str) -> None:
        queued.release()
        assert cores.take(2, threading.Event())
        order.append(name)
        cores.give_back(2)

    for name in ("first", "second", "third"):
        threads.append(threading.Thread(target=wait, args=[name]))
        threads[-1].start()
        queued.acquire()
        while len(cores._queue) < len(threads):
            pass
    assert not cores.try_take(1)
    cores.give_back(2)
    for thread in threads:
        thread.join(10)
    assert order == ["first", "second", "third"]


def test_cancelled_run_takes_no_cores_and_lets_the_next_one_go() -> None:
    cores, cancelled = Cores(2), threading.Event()
    cancelled.set()
    assert not cores.take(2, cancelled)
    assert cores.try_take(2)
