"""Answers to refused calls, in the words and the protocol of the service."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from xml.sax.saxutils import escape

from local_aws.extensions.calls import Call, Reply
from local_aws.iam.actions import ALL, Action

# Services whose requests are forms, with the code of their refusals.
_QUERY_CODES = {"sns": "AuthorizationError", "ec2": "UnauthorizedOperation"}


def message(session_arn: str, action: Action, reason: str) -> str:
    """`User: … is not authorized to perform: … on resource: … because …`, as AWS writes it."""
    name = action.name.replace("sns:", "SNS:")
    resource = f'"{action.resource}"' if name.startswith("s3:") else action.resource
    target = "" if action.resource == ALL else f" on resource: {resource}"
    return f"User: {session_arn} is not authorized to perform: {name}{target} {reason}"


def denied(call: Call, text: str) -> Reply:
    """AccessDenied."""
    code = "AccessDenied" if call.service in ("s3", "sqs") else "AccessDeniedException"
    return _answer(call, code, text, _QUERY_CODES.get(call.service, "AccessDenied"))


def unknown_key(call: Call) -> Reply:
    """For a session that does not exist, or whose role is gone."""
    if call.service == "s3":
        text = "The AWS Access Key Id you provided does not exist in our records."
        return _answer(call, "InvalidAccessKeyId", text, "")
    text = "The security token included in the request is invalid."
    return _answer(call, "UnrecognizedClientException", text, "InvalidClientTokenId")


def s3_errors(keys: Mapping[str, str]) -> bytes:
    """The elements of a deletion of many for keys that were refused: key → message."""
    return "".join(
        f"<Error><Key>{escape(key)}</Key><Code>AccessDenied</Code><Message>{escape(text)}</Message></Error>"
        for key, text in keys.items()
    ).encode()


def _answer(call: Call, code: str, text: str, query_code: str) -> Reply:
    if call.service == "s3":
        body = b"" if call.method == "HEAD" else _s3_body(code, text)
        return Reply(403, {"Content-Type": "application/xml"}, body)
    if call.path.startswith("/service/"):
        headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        return Reply(403, headers, _cbor({"__type": query_code, "message": text}))
    if call.target:
        body = json.dumps({"__type": code, "message": text, "Message": text}).encode()
        return Reply(400, {"Content-Type": "application/x-amz-json-1.1", **_headers(code)}, body)
    if b"Action=" in call.body or "Action=" in call.query:
        return Reply(403, {"Content-Type": "text/xml"}, _query_body(call, query_code, text))
    body = json.dumps({"message": text, "Message": text}).encode()
    return Reply(403, {"Content-Type": "application/json", **_headers(code)}, body)


def _headers(code: str) -> dict[str, str]:
    """Of every JSON answer. Step Functions quotes the id in the cause of a failed task."""
    return {"x-amzn-ErrorType": code, "x-amzn-RequestId": str(uuid.uuid4())}


def _s3_body(code: str, text: str) -> bytes:
    error = f"<Error><Code>{code}</Code><Message>{escape(text)}</Message></Error>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'.encode()


def _query_body(call: Call, code: str, text: str) -> bytes:
    inner = f"<Code>{code}</Code><Message>{escape(text)}</Message>"
    if call.service == "ec2":
        return f"<Response><Errors><Error>{inner}</Error></Errors></Response>".encode()
    return f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error></ErrorResponse>".encode()


def _cbor(content: dict[str, str]) -> bytes:
    """A map of fewer than 24 texts, each shorter than 64 KiB (RFC 8949)."""
    parts = [bytes([0xA0 + len(content)])]
    for text in (text for pair in content.items() for text in pair):
        raw = text.encode()
        parts += [b"\x79", len(raw).to_bytes(2, "big"), raw]
    return b"".join(parts)
