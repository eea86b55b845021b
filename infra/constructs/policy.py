"""Policy documents of IAM, S3, SQS and KMS as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# Sid → the rest of a statement.
Statements = Mapping[str, Mapping[str, Any]]


def policy_document(statements: Statements, **common: Any) -> str:
    """The document of `statements`.

    `common` goes into each of them, such as Effect="Allow"; a statement's own key wins.
    """
    listed = [{"Sid": sid, **common, **statement} for sid, statement in statements.items()]
    return json.dumps({"Version": "2012-10-17", "Statement": listed})


def tls_only(service: str, **resource: Any) -> dict[str, Any]:
    """A statement that denies every request without TLS to a `service`, such as s3."""
    return {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": f"{service}:*",
        **resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
