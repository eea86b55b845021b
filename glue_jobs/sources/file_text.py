"""Opens the bytes of a landing file as text: decompressed, and decoded as its first bytes say."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import shutil
import tempfile
import zipfile
import zlib
from _compression import DecompressReader
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import IO, Any, TypeVar

from glue_jobs.connections.staging import arrow

_ZIP = b"PK\x03\x04"
# First bytes of a compressed file → the ending of its name.
_MAGIC = {
    b"\x1f\x8b": ".gz",
    b"BZh": ".bz2",
    b"\x28\xb5\x2f\xfd": ".zst",
    b"\xfd7zXZ\x00": ".xz",
    _ZIP: ".zip",
}
_UNREAD = {b"PK\x05\x06": "an empty ZIP archive", b"PAR1": "a Parquet file", b"Obj\x01": "an Avro file"}
READ_ENDINGS = tuple(_MAGIC.values())
OTHER_ENDINGS = (".7z", ".rar", ".tar", ".tgz", ".lz4", ".lzo", ".snappy", ".deflate", ".z", ".br")
_LARGEST_MAGIC = max(map(len, (*_MAGIC, *_UNREAD)))
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
T = TypeVar("T")
# What other systems add to an archive by themselves.
_IS_OF_SYSTEM = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$)")
_IN_MEMORY = 32 * 1024 * 1024
_SURROGATE = re.compile("[\ud800-\udfff]")


class UnreadableFileError(Exception):
    """No row of a file can be trusted; the text says why and follows the file's name."""


def compression(key: str, beginning: bytes) -> str | None:
    """The ending of a compression that the bytes, or else the name, speak of; None for plain bytes."""
    magic = next((ending for magic, ending in _MAGIC.items() if beginning.startswith(magic)), None)
    ending = PurePosixPath(key).suffix.lower()
    return magic or (ending if ending in (*READ_ENDINGS, *OTHER_ENDINGS) else None)


def has_wide_characters(beginning: bytes) -> bool:
    """Whether the first bytes are the byte order mark of UTF-16 or UTF-32."""
    return beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))


def open_text(raw: IO[bytes], key: str, encoding: str = "utf-8") -> IO[str]:
    """The text of a file named `key`; of an archive that of its first file. See `open_texts`."""
    text = next(open_texts(raw, key, encoding), None)
    return io.StringIO() if text is None else text


def open_texts(raw: IO[bytes], key: str, encoding: str = "utf-8") -> Iterator[IO[str]]:
    """The text of a file named `key`, with its line ends as they are and without a byte order mark.

    Of a ZIP archive the texts of its files, in the order of their names; each is read before the next one.
    `encoding`: of a file without such a mark.

    A byte that is not UTF-8 becomes a lone surrogate. Raises UnreadableFileError, as reading does inside of
    `readable`.
    """
    stored = _buffered(raw)
    if stored.peek(_LARGEST_MAGIC).startswith(_ZIP):
        for member in _members(stored):
            yield _as_text(_buffered(member), encoding)
    else:
        yield _as_text(_decompressed(stored, key), encoding)


def _as_text(plain: io.BufferedReader, encoding: str) -> IO[str]:
    beginning = plain.peek(_LARGEST_MAGIC)
    other = next((name for magic, name in _UNREAD.items() if beginning.startswith(magic)), None)
    if other:
        raise UnreadableFileError(f"is {other}, not text")
    encoding = next((name for bom, name in _BOMS.items() if beginning.startswith(bom)), encoding)
    errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"
    return io.TextIOWrapper(plain, encoding, errors, newline="")


def reading(work: Callable[[], T]) -> T:
    """The result of `work`, which reads text; a fault of the bytes becomes an UnreadableFileError."""
    try:
        return work()
    except UnicodeDecodeError as error:
        if not error.encoding.startswith("utf"):
            raise UnreadableFileError("has a byte that the encoding of its source lacks") from None
        raise UnreadableFileError(
            f"is not {error.encoding}, as its byte order mark or its source says"
        ) from None
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise UnreadableFileError(f"cannot be decompressed: {error}") from None


def lines_of(raw: IO[bytes], key: str, encoding: str = "utf-8") -> Iterator[str]:
    """The lines of `open_text`; a fault of the bytes becomes an UnreadableFileError wherever it is met."""
    text = reading(partial(open_text, raw, key, encoding))
    while line := reading(text.readline):
        yield line


def is_utf8(text: str) -> bool:
    """Whether every byte of a text was UTF-8."""
    return text.isascii() or _SURROGATE.search(text) is None


def replaced(text: str) -> str:
    """The text with U+FFFD in place of bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _buffered(raw: Any) -> io.BufferedReader:
    return io.BufferedReader(raw, 1 << 20)


def _decompressed(stored: io.BufferedReader, key: str) -> io.BufferedReader:
    beginning = stored.peek(_LARGEST_MAGIC)
    kind = compression(key, beginning)
    if kind is None or not beginning:
        return stored
    if kind in OTHER_ENDINGS:
        raise UnreadableFileError(f"is named {kind}; of compressed files {', '.join(READ_ENDINGS)} are read")
    if not any(beginning.startswith(magic) for magic, ending in _MAGIC.items() if ending == kind):
        raise UnreadableFileError(f"is named {kind}, but its bytes are not")
    if kind == ".zst":
        pa = arrow()
        return _buffered(pa.CompressedInputStream(pa.PythonFile(stored, "r"), "zstd"))
    if kind == ".gz":
        return _buffered(gzip.GzipFile(fileobj=stored))
    # BZ2File and LZMAFile end where a stream after the first cannot be read, and say nothing of it.
    decompressor = bz2.BZ2Decompressor if kind == ".bz2" else lzma.LZMADecompressor
    return _buffered(DecompressReader(stored, decompressor))


def archived_files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of an archive by their names, without those that systems add.

    Raises UnreadableFileError for an archive without a file, or with a password.
    """
    members = [m for m in archive.infolist() if not m.is_dir() and not _IS_OF_SYSTEM.search(m.filename)]
    if not members:
        raise UnreadableFileError("is a ZIP archive without a file")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFileError("is a ZIP archive with a password")
    return sorted(members, key=lambda member: member.filename)


def _members(stored: io.BufferedReader) -> Iterator[IO[bytes]]:
    # The list of members stands at the end of an archive, and a body of S3 is read once from its beginning.
    spooled = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    shutil.copyfileobj(stored, spooled)
    archive = zipfile.ZipFile(spooled)
    for member in archived_files(archive):
        yield archive.open(member)
