"""Decisions equal those of another engine, and AWS's documentation where that engine differs.

`judged.jsonl` holds random requests and policies with the verdicts of @cloud-copilot/iam-simulate 0.1.173.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local_aws.iam.decision import BOUNDARY, SESSION, Principal, decide
from local_aws.iam.policy import Document, Identity, Request, parsed

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/job-a"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/job-a/run"
OBJECT = "arn:aws:s3:::raw/a/k"
JUDGED = Path(__file__).with_name("judged.jsonl").read_text(encoding="utf-8").splitlines()


def _document(*statements: dict[str, Any]) -> Document:
    return parsed("policy", json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def _parsed(case: dict[str, Any], name: str) -> Document | None:
    return parsed(name, json.dumps(case[name])) if name in case else None


def _verdict(case: dict[str, Any]) -> str:
    limits = {BOUNDARY: _parsed(case, "boundary"), SESSION: _parsed(case, "session")}
    principal = Principal(
        Identity(ACCOUNT, ROLE, case["principal"]),
        tuple(parsed(str(n), json.dumps(policy)) for n, policy in enumerate(case["identity"])),
        {kind: policy for kind, policy in limits.items() if policy is not None},
    )
    values = {k.lower(): tuple(v) if isinstance(v, list) else (v,) for k, v in case["context"].items()}
    request = Request(case["action"], case["resource"], values)
    by_key = request.action.startswith("kms:")
    decision = decide(principal, request, _parsed(case, "resource_policy"), by_key=by_key)
    if decision.allowed:
        return "Allowed"
    return "ExplicitlyDenied" if "with an explicit deny" in decision.reason else "ImplicitlyDenied"


def test_decisions_equal_those_of_another_engine() -> None:
    cases = [json.loads(line) for line in JUDGED]
    assert len(cases) > 100
    assert [(c, _verdict(c)) for c in cases if _verdict(c) != c["verdict"]] == []


def test_resource_policy_that_names_the_session_is_not_limited_by_the_policy_of_the_session() -> None:
    """As "Resource-based policies" of the user guide's page on the evaluation within one account says."""
    grant = {"Effect": "Allow", "Principal": {"AWS": SESSION_ARN}, "Action": "s3:*", "Resource": "*"}
    other = _document({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})
    principal = Principal(Identity(ACCOUNT, ROLE, SESSION_ARN), (), {SESSION: other})
    assert decide(principal, Request("s3:GetObject", OBJECT, {}), _document(grant)).allowed


def test_unknown_condition_operator_never_widens_rights() -> None:
    body = {"Action": "*", "Resource": "*", "Condition": {"StringSounds": {"aws:PrincipalArn": "x"}}}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    for statements, allowed in (
        ([{**body, "Effect": "Allow"}], False),
        ([everything], True),
        ([everything, {**body, "Effect": "Deny"}], False),
    ):
        principal = Principal(Identity(ACCOUNT, ROLE, SESSION_ARN), (_document(*statements),), {})
        assert decide(principal, Request("s3:GetObject", OBJECT, {})).allowed is allowed


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        (None, "because no identity-based policy allows the s3:PutObject action"),
        (BOUNDARY, "because no permissions boundary allows the s3:PutObject action"),
        (SESSION, "because no session policy allows the s3:PutObject action"),
    ],
)
def test_refusal_says_which_policy_lacks_the_action(limit: str | None, message: str) -> None:
    own = _document({"Effect": "Allow", "Action": "s3:Put*" if limit else "s3:Get*", "Resource": "*"})
    narrow = _document({"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"})
    principal = Principal(Identity(ACCOUNT, ROLE, SESSION_ARN), (own,), {limit: narrow} if limit else {})
    assert decide(principal, Request("s3:PutObject", OBJECT, {})).reason == message
