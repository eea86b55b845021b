"""Files of a landing zone in each encoding, and files that cannot be read."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
from typing import Any

from glue_jobs.connections.staging import arrow

PEOPLE: dict[str, Any] = {
    "id": {"type": "string"},
    "name": {"type": ["string", "null"]},
    "note": {"type": ["string", "null"]},
    "updated_at": {"type": "string", "format": "date-time"},
}


HEADER = list(PEOPLE)


GOOD = b"id,name,note,updated_at\ngood,Ann,n,2017-01-01\n"


def written(*rows: list[str], end: str = "\n", header: list[str] = HEADER) -> str:
    text = io.StringIO(newline="")
    # Python 3.11 quotes only the characters of its own line end unless it quotes all.
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return text.getvalue()


AWKWARD = [
    ["1", "a\nb", 'say "hi"'],
    ["2", "a\r\nb", "x, y"],
    ["3", "one\rtwo", "\n"],
    ["4", " é\u2028東 ", "back\\slash"],
    ["5", '"', ",,"],
]


ROWS = [[*row, "2017-01-01"] for row in AWKWARD]


STORED = [(*row, None) for row in AWKWARD]


ENCODED = {
    "lf.csv": written(*ROWS).encode(),
    "crlf.csv": written(*ROWS, end="\r\n").encode(),
    "cr.csv": written(*ROWS, end="\r").encode(),
    "bom.csv": written(*ROWS).encode("utf-8-sig"),
    "utf16.csv": written(*ROWS).encode("utf-16"),
    "big-endian.csv": b"\xfe\xff" + written(*ROWS).encode("utf-16-be"),
    "utf32.csv": written(*ROWS).encode("utf-32"),
    "a.csv.gz": gzip.compress(written(*ROWS).encode()),
    "two-members.csv.GZ": gzip.compress(written(*ROWS).encode()[:40])
    + gzip.compress(written(*ROWS).encode()[40:]),
    "unnamed-gzip.csv": gzip.compress(written(*ROWS).encode()),
    "a.csv.bz2": bz2.compress(written(*ROWS).encode()),
    "a.csv.xz": lzma.compress(written(*ROWS).encode()),
    "a.csv.zst": arrow().compress(written(*ROWS).encode(), "zstd", asbytes=True),
    "late.csv": (written() + "x,y,z,2017-01-01\n" * 5_000).encode()
    + written(*ROWS).split("\n", 1)[1].encode(),
}


REJECTED = {
    "twice.csv": (
        b"id,name,note,updated_at,name\n1,a,b,c,d\n",
        "column 'name' twice in its header, as columns 2 and 5",
    ),
    "case.csv": (b"id,name,note,updated_at, NAME \n1,a,b,c,d\n", "column 'NAME' twice in its header"),
    "open.csv": (
        b'id,name,note,updated_at\n1,"a,b,c\n2,a,b,c\n',
        "a quote that line 2 opens and nothing closes",
    ),
    "cut.csv.gz": (gzip.compress(GOOD * 3000)[:-20], "cannot be decompressed"),
    "corrupt.csv.gz": (gzip.compress(GOOD)[:12] + b"\0" * 30, "cannot be decompressed"),
    "text.csv.gz": (GOOD, "is named .gz, but its bytes are not"),
    "a.zip": (b"PK\x03\x04" + b"\0" * 40, "cannot be decompressed"),
    "zipped.csv": (b"PK\x03\x04" + b"\0" * 40, "cannot be decompressed"),
    "binary.csv": (b"id,name,note,updated_at\n\0\xff\xfe\xfd\n", "NUL beside bytes that are not UTF-8"),
    "cut-utf16.csv": (GOOD.decode().encode("utf-16")[:-1], "is not utf-16"),
    "latin.csv": ("id,näme,note,updated_at\n".encode("latin-1"), "a header that is not UTF-8"),
    "page.csv": (b"<!DOCTYPE html>\n<p>503\n", "no column of the contract in its first line"),
}
