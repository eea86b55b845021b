"""A deletion of many objects of which some are refused: the others are deleted, and the answer names both."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from xml.etree import ElementTree

from local_aws.iam.refusals import s3_errors
from local_aws.s3_xml import NAMESPACE

_END = b"</DeleteResult>"


def without(body: bytes, keys: Collection[str]) -> bytes:
    """The request without these keys."""
    root = ElementTree.fromstring(body)
    for item in root.findall("{*}Object"):
        if item.findtext("{*}Key") in keys:
            root.remove(item)
    # Without a prefix, as S3's clients write it.
    ElementTree.register_namespace("", NAMESPACE)
    return ElementTree.tostring(root)


def with_errors(answer: bytes, refused: Mapping[str, str]) -> bytes:
    """The answer to the deletion of the others, with the refused keys and why."""
    return answer.replace(_END, s3_errors(refused) + _END)


def only_errors(refused: Mapping[str, str]) -> bytes:
    """The answer when every key is refused."""
    return b"<DeleteResult>" + s3_errors(refused) + _END
