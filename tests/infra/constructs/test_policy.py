"""Policy documents: one statement per sid, whose own keys win over the common ones."""

from __future__ import annotations

import json

from infra.constructs.policy import policy_document, tls_only

READ = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}


def test_common_keys_are_in_every_statement_and_its_own_keys_win() -> None:
    document = json.loads(policy_document({"Read": READ, "No": {**READ, "Effect": "Deny"}}, Effect="Allow"))
    assert document["Version"] == "2012-10-17"
    assert {s["Sid"]: s["Effect"] for s in document["Statement"]} == {"Read": "Allow", "No": "Deny"}
    assert all(s["Resource"] == READ["Resource"] for s in document["Statement"])


def test_requests_without_tls_are_denied_to_everybody() -> None:
    statement = tls_only("sqs", Resource="arn:aws:sqs:eu-central-1:1:q")
    assert (statement["Effect"], statement["Principal"]) == ("Deny", {"AWS": "*"})
    assert (statement["Action"], statement["Resource"]) == ("sqs:*", "arn:aws:sqs:eu-central-1:1:q")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
