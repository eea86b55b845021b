"""When the streams of an environment start."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lakehouse.environments import load_environment
from lakehouse.environments.streams import Streams

STREAMS = {"trigger": "available_now", "seconds": 10, "max_message_bytes": 1000}


def test_a_stream_that_ends_starts_when_the_environment_says() -> None:
    dev = load_environment("dev")
    assert dev.schedule_of("continuous") == dev.streams.starts == "0 6 * * *"
    assert dev.schedule_of("0 2 * * *") == "0 2 * * *"


@pytest.mark.parametrize("env", ["local", "staging", "prod"])
def test_without_a_start_a_stream_is_kept_running(env: str) -> None:
    assert load_environment(env).schedule_of("continuous") == "continuous"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trigger": "continuous", "starts": "0 6 * * *"}, "a continuous stream does not end"),
        ({"starts": "0 6 * *"}, "4 fields"),
        ({"starts": "0 25 * * *"}, "hour 25 is not in 0-23"),
        ({"starts": "0 0 30 2 *"}, "never comes"),
        ({"starts": "0 0 LW * *"}, "Airflow cannot read 'LW'"),
        ({"starts": "0 0 * * 7-7"}, "Airflow misreads '7-7'"),
        ({"starts": "0 0 1 * */2"}, "readers do not agree"),
    ],
)
def test_a_start_that_never_comes_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Streams.model_validate(STREAMS | change)
