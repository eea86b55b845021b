"""Requests find the operation that answers them."""

from __future__ import annotations

import pkgutil

from local_aws import extensions
from local_aws.extensions import MODULES, calls


def signed(service: str) -> dict[str, str]:
    return {
        "authorization": f"AWS4-HMAC-SHA256 Credential=testing/20250101/eu-central-1/{service}/aws4_request"
    }


def test_every_module_is_loaded_by_a_service() -> None:
    modules = {module.name for module in pkgutil.iter_modules(extensions.__path__)} - {"calls"}
    assert sorted(name for names in MODULES.values() for name in names) == sorted(modules)


def test_an_unsigned_request_is_motos() -> None:
    assert extensions.answer(extensions.parse("GET", "/environments", "", {}, b"")) is None


def test_values_of_the_path_are_decoded() -> None:
    reply = extensions.answer(extensions.parse("GET", "/environments/a%20b", "", signed("airflow"), b""))
    assert reply is not None
    assert (reply.status, reply.headers["x-amzn-ErrorType"]) == (404, "ResourceNotFoundException")
    assert b"Environment a b was not found" in reply.body


def test_an_operation_of_another_service_is_motos() -> None:
    extensions.answer(extensions.parse("GET", "/environments", "", signed("airflow"), b""))
    assert extensions.answer(extensions.parse("GET", "/environments", "", signed("ecs"), b"")) is None


def test_a_call_knows_its_service_region_and_target() -> None:
    headers = {**signed("athena"), "x-amz-target": "AmazonAthena.UpdateWorkGroup"}
    call = calls.parse("POST", "/", "a=1&a=2&b=", headers, b'{"WorkGroup": "x"}')
    assert call is not None
    assert (call.service, call.region, call.target) == ("athena", "eu-central-1", "UpdateWorkGroup")
    assert call.query_values == {"a": ["1", "2"], "b": [""]}
    assert call.params == {"WorkGroup": "x"}
