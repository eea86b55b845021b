"""Every bucket is as the house wants it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakehouse.environments.names import Zone
from lakehouse.project import Project

NAMES = tuple(Project.find().settings.environments)


def empty_blocks(value: Any) -> bool:
    """A list of plain dicts in a binding's argument loses keys without a word and leaves `[{}]`."""
    if isinstance(value, dict):
        return any(empty_blocks(v) for k, v in value.items() if k != "//")
    return isinstance(value, list) and any(item == {} or empty_blocks(item) for item in value)


@pytest.mark.parametrize("env", NAMES)
def test_no_block_of_any_resource_is_empty(synthesized: Any, env: str) -> None:
    lost = [
        f"{kind}.{name}"
        for kind, all_of in synthesized(env)["resource"].items()
        for name, body in all_of.items()
        if empty_blocks(body)
    ]
    assert not lost


def test_every_zone_is_a_bucket_that_is_encrypted_versioned_private_and_tls_only(synthesized: Any) -> None:
    resources = synthesized("prod")["resource"]
    buckets = resources["aws_s3_bucket"]
    assert {f"bucket_{zone}" for zone in Zone} <= set(buckets)
    for name in buckets:
        suffix = name.removeprefix("bucket_")
        (rule,) = resources["aws_s3_bucket_server_side_encryption_configuration"][f"encryption_{suffix}"][
            "rule"
        ]
        algorithm = rule["apply_server_side_encryption_by_default"]["sse_algorithm"]
        assert algorithm == ("AES256" if suffix.startswith("access_logs") else "aws:kms"), suffix
        assert resources["aws_s3_bucket_versioning"][f"versioning_{suffix}"]["versioning_configuration"] == {
            "status": "Enabled"
        }
        block = resources["aws_s3_bucket_public_access_block"][f"private_{suffix}"]
        assert {
            block[k]
            for k in (
                "block_public_acls",
                "block_public_policy",
                "ignore_public_acls",
                "restrict_public_buckets",
            )
        } == {True}
        statements = json.loads(resources["aws_s3_bucket_policy"][f"policy_{suffix}"]["policy"])["Statement"]
        assert any(
            s["Effect"] == "Deny" and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for s in statements
        ), suffix


def test_only_environments_that_are_protected_refuse_to_destroy_data(synthesized: Any) -> None:
    for env, is_kept in {"dev": False, "prod": True}.items():
        buckets = synthesized(env)["resource"]["aws_s3_bucket"].values()
        assert {b.get("lifecycle", {}).get("prevent_destroy", False) for b in buckets} == {is_kept}
        assert {b["force_destroy"] for b in buckets} == {not is_kept}
