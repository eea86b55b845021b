"""Decompresses files, and compresses them again as they were."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable

from glue_jobs.connections.staging import arrow
from glue_jobs.sources.file_text import OTHER_ENDINGS, UnreadableFileError, archived_file, compression

_UNPACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
    ".zip": lambda data: _unzipped(data)[1],
    ".zst": lambda data: bytes(arrow().input_stream(arrow().BufferReader(data), compression="zstd").read()),
}
_PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: bytes(arrow().Codec("zstd").compress(data, asbytes=True)),
}


def unpacked(data: bytes, key: str) -> tuple[bytes, str | None]:
    """(plain bytes, the compression's ending). Raises UnreadableFileError."""
    kind = compression(key, data[:8])
    if kind is None or not data:
        return data, None
    if kind in OTHER_ENDINGS:
        raise UnreadableFileError(f"is named {kind}")
    try:
        return _UNPACK[kind](data), kind
    except (EOFError, zlib.error, lzma.LZMAError, OSError, ValueError, zipfile.BadZipFile):
        raise UnreadableFileError("cannot be decompressed") from None


def packed(content: bytes, kind: str | None, before: bytes) -> bytes:
    """The content compressed as `unpacked` said that the file `before` is."""
    if kind == ".zip":
        return _zipped(before, content)
    return _PACK[kind](content) if kind else content


def _unzipped(data: bytes) -> tuple[zipfile.ZipInfo, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = archived_file(archive)
        return member, archive.read(member)


def _zipped(data: bytes, content: bytes) -> bytes:
    """The archive `data` with another content of its only file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(_unzipped(data)[0], content)
    return packed.getvalue()
