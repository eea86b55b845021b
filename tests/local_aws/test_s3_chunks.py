"""Signed chunks are decoded to the object that was sent."""

from __future__ import annotations

import pytest

from local_aws.s3_chunks import unchunk


def encode(*chunks: bytes) -> bytes:
    return b"".join(b"%x;chunk-signature=aa\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


@pytest.mark.parametrize("chunks", [(), (b"ab",), (b"ab\r\n", b"cd"), (b"0;x\r\n" * 10, b"\x00")])
def test_chunks_are_joined(chunks: tuple[bytes, ...]) -> None:
    assert unchunk(encode(*chunks)) == b"".join(chunks)


def test_signed_chunks_are_taken_apart() -> None:
    body = b"4;chunk-signature=aa\r\nab\r\n\r\n2;chunk-signature=bb\r\ncd\r\n0;chunk-signature=cc\r\n\r\n"
    assert unchunk(body) == b"ab\r\ncd"
