"""Granted actions that no call has used are found by statement, wildcards included."""

from __future__ import annotations

from local_aws.iam.record import Entry
from local_aws.iam.usage import unused

ROLE, OTHER = "arn:aws:iam::1:role/job", "arn:aws:iam::1:role/other"


def test_actions_without_a_call_are_named_by_their_statement() -> None:
    policy = {
        "Statement": [
            {"Sid": "Files", "Effect": "Allow", "Action": ["s3:GetObject", "s3:Put*"], "Resource": "*"},
            {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"},
            {"Sid": "Never", "Effect": "Deny", "Action": "s3:*", "Resource": "*"},
        ]
    }
    entries = [
        Entry(ROLE, "s3:PutObject", "arn:aws:s3:::b/k", "job", "Files"),
        Entry(OTHER, "s3:GetObject", "arn:aws:s3:::b/k", "job", "Files"),
        Entry(ROLE, "sns:Publish", "arn:aws:sns:::t", message="refused"),
    ]
    assert unused(ROLE, {"job": policy}, entries) == {
        "job/Files": ["s3:GetObject"],
        "job/#2": ["sns:Publish"],
    }
    used = Entry(ROLE, "sns:Publish", "arn:aws:sns:::t", "job", "#2")
    assert unused(ROLE, {"job": policy}, [*entries, used]) == {"job/Files": ["s3:GetObject"]}
