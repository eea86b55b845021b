"""The XML of S3: its frame and its errors."""

from __future__ import annotations

import uuid
from xml.sax.saxutils import escape

from local_aws.http import Response

XML = [("Content-Type", "application/xml")]
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def error(status: int, code: str, message: str, name: str) -> Response:
    """An error of S3 about the object `name`."""
    request_id = uuid.uuid4().hex
    body = (
        f"{DECLARATION}<Error><Code>{code}</Code><Message>{message}</Message>"
        f"<Key>{escape(name)}</Key><RequestId>{request_id}</RequestId></Error>"
    )
    return Response(status, [*XML, ("x-amz-request-id", request_id)], body.encode())


def precondition_failed(name: str) -> Response:
    """The answer when `If-Match` or `If-None-Match` of the object `name` does not hold."""
    message = "At least one of the pre-conditions you specified did not hold"
    return error(412, "PreconditionFailed", message, name)
