"""Errors of the fast S3 are read by botocore as those of S3."""

from __future__ import annotations

import botocore.session
import pytest
from botocore.parsers import create_parser

from local_aws.http import Response
from local_aws.s3_xml import error, precondition_failed


def parsed(response: Response) -> dict[str, str]:
    """The error as botocore reads it, by its own model of S3."""
    model = botocore.session.get_session().get_service_model("s3")
    shape = model.operation_model("PutObject").output_shape
    answer = {"status_code": response.status, "headers": dict(response.headers), "body": response.body}
    return create_parser("rest-xml").parse(answer, shape)["Error"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", ["plain", "a/é&<>", "quotes \"'"])
def test_error_names_the_object(name: str) -> None:
    fields = parsed(error(404, "NoSuchKey", "The specified key does not exist.", name))
    assert (fields["Code"], fields["Message"]) == ("NoSuchKey", "The specified key does not exist.")
    assert fields["Key"] == name


def test_failed_precondition_is_412_with_an_id_of_its_own() -> None:
    first, second = precondition_failed("a"), precondition_failed("a")
    assert (first.status, parsed(first)["Code"]) == (412, "PreconditionFailed")
    assert dict(first.headers)["x-amz-request-id"] != dict(second.headers)["x-amz-request-id"]
