"""What may be said of an error: its class, its codes and where it was raised, and never a value of a row.

Drivers, Spark, Delta and functions of a team quote the value that they cannot take: `invalid input syntax for
type integer: "Ann"`. Logs, audit, lineage and messages have more readers than the table.
"""

from __future__ import annotations

import linecache
import re
import traceback
from typing import Any


class PublicError(Exception):
    """An error whose message holds no value of a row."""


# Of these the interpreter, the parser and the analyzer write the message, out of names in code and facts.
_OF_CODE = (ImportError, NameError, AttributeError, SyntaxError, NotImplementedError, MemoryError, OSError)
_OF_ANALYSIS = frozenset({"AnalysisException", "ParseException"})
_TRUSTED_ROOMS = ("botocore.", "boto3.", "lakehouse.")
_CONDITION = re.compile(r"\[([A-Z]+_[A-Z0-9_.]+)\]")
_JAVA_CLASS = re.compile(r"\b(?:[a-z_]\w*\.)+([A-Z]\w*(?:Exception|Error))\b")
_PYTHON_FRAME = re.compile(r'File "([^"]+)", line (\d+)')
_COLUMN = re.compile(r"constraint violated for column: `?([A-Za-z_][\w.]*)|CHECK constraint `?([A-Za-z_]\w*)")
# AWS names the action and the resource that a role may not use. Keys of S3 may hold values; buckets do not.
_RESOURCE = r"arn:aws:(?:kms:[\w:/-]+|[\w-]*:[\w-]*:\d*:[\w.-]+)"
_REFUSED = re.compile(rf'is not authorized to perform: (\w+:\w+)(?: on resource: "?({_RESOURCE}))?')
# PostgreSQL quotes names and values alike: a name follows its kind.
_QUOTED = re.compile(
    r"""(\b(?:column|relation|constraint|table|type|role|database|schema|user) )?("[^"]*"|'[^']*')"""
)
_LIBRARIES = ("site-packages", "/lib/python", "<frozen", "/pyspark/", "/py4j/")
_CLASSES = 4  # classes and conditions of Java that one line names


def public_text(error: BaseException) -> str:
    """The message of an error whose words come from code and facts; of any other its class, its codes, its
    column and the line of code that raised it.
    """
    kind = type(error)
    if isinstance(error, (PublicError, *_OF_CODE)) or kind.__module__.startswith(_TRUSTED_ROOMS):
        return str(error)
    if kind.__name__ in _OF_ANALYSIS and kind.__module__.startswith("pyspark."):
        return str(error)
    text = str(error)
    if not text or _is_written_in_code(error, text):
        return text
    codes = [*_codes(error), *_distinct(_CONDITION, text), *_distinct(_JAVA_CLASS, text)]
    column = _COLUMN.search(text)
    return " ".join(
        [
            kind.__name__,
            *dict.fromkeys(codes),
            *([f"column {column[1] or column[2]}"] if column else []),
            _refusal(text),
            _location(error, text),
            "(its message may quote a row and is not shown)",
        ]
    ).replace("  ", " ")


def public_trace(error: BaseException) -> str:
    """The frames of an error and of its causes, each with its public text."""
    parts: list[str] = []
    link: BaseException | None = error
    while link is not None:
        frames = "".join(traceback.format_tb(link.__traceback__))
        text, name = public_text(link), type(link).__name__
        parts.append(f"{frames}{text if text.startswith(name) else f'{name}: {text}'}\n")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\nThe above exception led to the one below:\n\n".join(reversed(parts))


def without_values(text: str) -> str:
    """A message of PostgreSQL in which quoted values are gone and the names of columns and tables stay."""
    return _QUOTED.sub(lambda quoted: quoted[0] if quoted[1] else "…", text)


def _is_written_in_code(error: BaseException, text: str) -> bool:
    """Whether the message stands in the source as it is: then no row is in it."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames or "\n" in text:
        return False
    frame = frames[-1]
    last = frame.end_lineno or frame.lineno or 0
    source = "".join(linecache.getline(frame.filename, n) for n in range(frame.lineno or 0, last + 1))
    return f'"{text}"' in source or f"'{text}'" in source


def _codes(error: BaseException) -> list[str]:
    """SQLSTATE, number of the vendor and Spark's condition, as far as a driver gives them."""
    first: Any = error.args[0] if error.args else None
    given = [getattr(error, "sqlstate", None), getattr(error, "errno", None)]
    given += [first.get("C")] if isinstance(first, dict) else []
    if hasattr(error, "getErrorClass"):
        given.append(error.getErrorClass())
    return [str(code) for code in given if isinstance(code, str | int) and re.fullmatch(r"[\w.]+", str(code))]


def _refusal(text: str) -> str:
    """What AWS has refused to the role, of a message that quotes AWS."""
    refused = _REFUSED.search(text)
    return f"the role is not authorized to perform: {refused[1]} on {refused[2] or '*'}" if refused else ""


def _distinct(pattern: re.Pattern[str], text: str) -> list[str]:
    return list(dict.fromkeys(pattern.findall(text)))[:_CLASSES]


def _location(error: BaseException, text: str) -> str:
    """`at file:line` of the innermost frame that is no library's; of a worker's traceback its last frame."""
    frames = [(f.filename, f.lineno) for f in traceback.extract_tb(error.__traceback__)]
    frames += [(file, int(line)) for file, line in _PYTHON_FRAME.findall(text)]
    mine = [f for f in frames if not any(library in f[0] for library in _LIBRARIES)]
    return f"at {'/'.join(mine[-1][0].split('/')[-2:])}:{mine[-1][1]}" if mine else ""
