"""Decodes the signed chunks in which AWS clients send an object."""

from __future__ import annotations


def unchunk(body: bytes) -> bytes:
    """The payload of signed chunks `<hex size>;chunk-signature=…\\r\\n<bytes>\\r\\n`.

    The last chunk has size 0.
    """
    view = memoryview(body)
    parts: list[memoryview] = []
    at = 0
    while True:
        line_end = body.index(b"\r\n", at)
        size = int(body[at:line_end].split(b";")[0], 16)
        if not size:
            return b"".join(parts)
        parts.append(view[line_end + 2 : line_end + 2 + size])
        at = line_end + 2 + size + 2
