"""Processes are started without the user's own settings, and known by more than their id."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from local_aws.processes import (
    Identity,
    Service,
    ServiceError,
    clean_environment,
    last_line,
    spawn,
    stop,
    wait_until_ready,
)


def test_aws_settings_of_the_user_do_not_leak_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_PROFILE": "prod",
        "AWS_ENDPOINT_URL": "https://s3.example",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "PGHOST": "db",
    }.items():
        monkeypatch.setenv(name, value)
    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL", "HTTP_PROXY", "PGHOST"} & clean_environment().keys()


def test_a_later_process_with_the_same_id_is_another() -> None:
    identity = Identity.of(os.getpid())
    assert identity.is_alive()
    assert not replace(identity, started=identity.started - 60).is_alive()


def test_a_service_that_ends_is_reported_with_its_last_line(tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    process = spawn(["sh", "-c", "echo starting; echo port taken >&2; exit 3"], log)
    service = Service("probe", 0, process, log, lambda: False)
    with pytest.raises(
        ServiceError, match=r"probe ended with code 3: port taken \(whole log: .*service\.log\)"
    ):
        wait_until_ready(service, 10)


def test_a_service_that_never_answers_is_reported_with_the_reason(tmp_path: Path) -> None:
    def refuse() -> bool:
        raise ConnectionRefusedError("nobody listens\nsecond line")

    log = tmp_path / "service.log"
    service = Service("probe", 0, spawn(["sleep", "60"], log), log, refuse)
    try:
        with pytest.raises(ServiceError, match="probe was not ready after 0 s: nobody listens \\("):
            wait_until_ready(service, 0.2)
    finally:
        stop(service)
    assert service.process.poll() is not None


def test_a_child_gets_its_standard_input(tmp_path: Path) -> None:
    log = tmp_path / "cat.log"
    assert spawn(["cat"], log, stdin="secret\n").wait(10) == 0
    assert last_line(log) == "secret"


def test_an_empty_log_has_a_last_line_to_show(tmp_path: Path) -> None:
    assert last_line(tmp_path / "none.log") == "it logged nothing"
