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
from glue_jobs.sources.file_text import OTHER_ENDINGS, UnreadableFileError, archived_files, compression

_UNPACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
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
    except (EOFError, zlib.error, lzma.LZMAError, OSError, ValueError):
        raise UnreadableFileError("cannot be decompressed") from None


def packed(content: bytes, kind: str | None) -> bytes:
    """The content compressed as `unpacked` said that the file was."""
    return _PACK[kind](content) if kind else content


def is_archive(data: bytes, key: str) -> bool:
    """Whether a file is a ZIP archive, by its bytes or its name."""
    return bool(data) and compression(key, data[:8]) == ".zip"


def rewritten(data: bytes, rewrite: Callable[[bytes, str], tuple[bytes, int]]) -> tuple[bytes, int]:
    """(the archive with each of its files rewritten, the sum of what `rewrite` counts).

    What systems have added stays. Raises UnreadableFileError.
    """
    out, total = io.BytesIO(), 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as target:
            files = {member.filename for member in archived_files(archive)}
            for member in archive.infolist():
                content, count = archive.read(member), 0
                if member.filename in files:
                    content, count = rewrite(content, member.filename)
                target.writestr(member, content)
                total += count
    except (EOFError, zlib.error, OSError, NotImplementedError, zipfile.BadZipFile):
        raise UnreadableFileError("cannot be decompressed") from None
    return (out.getvalue() if total else data), total
