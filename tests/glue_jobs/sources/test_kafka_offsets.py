"""The settings of the Kafka clients, and how many messages one run reads."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException
from hypothesis import given
from hypothesis import strategies as st

from glue_jobs.sources.kafka_offsets import client_settings, is_down, limit_offsets, offsets_of


@given(
    st.dictionaries(st.integers(0, 9), st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1),
    st.integers(1, 3000),
)
def test_a_limited_batch_moves_on_and_never_beyond_the_end(
    bounds: dict[int, tuple[int, int]], max_messages: int
) -> None:
    start = {p: low for p, (low, _) in bounds.items()}
    end = {p: low + more for p, (low, more) in bounds.items()}
    until = limit_offsets(start, end, max_messages)
    assert all(start[p] <= until[p] <= end[p] for p in start)
    assert until != start or start == end
    assert sum(until.values()) - sum(start.values()) <= max_messages + len(start)


def test_a_batch_within_the_limit_reads_to_the_end() -> None:
    assert limit_offsets({0: 5, 1: 0}, {0: 9, 1: 2}, 6) == {0: 9, 1: 2}


def test_a_small_partition_gets_a_message_beside_a_large_one() -> None:
    assert limit_offsets({0: 0, 1: 0, 2: 7}, {0: 1000, 1: 1, 2: 7}, 10) == {0: 9, 1: 1, 2: 7}


def test_no_position_has_no_offsets_and_json_keys_become_numbers() -> None:
    assert offsets_of(None) == {}
    assert offsets_of({"offsets": {"0": 5, "11": 7}}) == {0: 5, 11: 7}


def test_a_login_is_in_the_settings_of_both_clients_and_not_in_the_repr() -> None:
    settings = client_settings(
        {
            "bootstrap_servers": "b:9096",
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "username": "u",
            "password": 'p"w\\d',
        }
    )
    assert settings.client["sasl.password"] == 'p"w\\d'
    assert settings.spark["sasl.jaas.config"].endswith(
        'ScramLoginModule required username="u" password="p\\"w\\\\d";'
    )
    assert "9096" not in repr(settings)


def test_brokers_without_a_login_get_the_same_settings_for_both_clients() -> None:
    settings = client_settings({"bootstrap_servers": "b:9092", "security_protocol": "PLAINTEXT"})
    assert settings.client == settings.spark
    assert settings.client == {"bootstrap.servers": "b:9092", "security.protocol": "PLAINTEXT"}


@pytest.mark.parametrize(
    ("code", "down"),
    [
        (KafkaError._ALL_BROKERS_DOWN, True),
        (KafkaError._TIMED_OUT, True),
        (KafkaError.LEADER_NOT_AVAILABLE, True),
        (KafkaError._AUTHENTICATION, False),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, False),
    ],
)
def test_only_brokers_that_do_not_answer_are_asked_again(code: int, down: bool) -> None:
    assert is_down(KafkaException(KafkaError(code))) is down
