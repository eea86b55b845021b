"""What a SQL file says: the tables it makes, the query that each of them is, and what these queries read.

No more of SQL is understood here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lakehouse.pipelines.sql_tokens import SqlError, Token, line_of, split_tokens

# The names that SQL may give to a layer: ours, and those that users' databases have.
LAYERS = {
    "bronze": "bronze",
    "silver": "silver",
    "gold": "gold",
    "bronze_db": "bronze",
    "silver_db": "silver",
    "gold_db": "gold",
    "kafka_bronze": "bronze",
}
# Given to every query beside the job's parameters.
GIVEN = ("run_date",)
_DATABASE = re.compile(r"CREATE (?:DATABASE|SCHEMA)(?: IF NOT EXISTS)?")
_TABLE = re.compile(r"CREATE(?: OR REPLACE)? TABLE(?: IF NOT EXISTS)?")
_INSERT = re.compile(r"INSERT (?:INTO|OVERWRITE)(?: TABLE)?")


# What the word of a table begins with in a query, and no name of the query may.
PREFIX = "lake__"


def word(name: str) -> str:
    """The one word that stands for a table in a query.

    `name` is the table with its dot, or with `_` in its place.
    """
    return f"{PREFIX}{name.replace('.', '_', 1)}"


@dataclass(frozen=True)
class Statement:
    """A table and the query that it is, or, with `table` empty, a layer whose database shall exist.

    `query` names each table that it reads as one word, `lake__silver_orders` for silver.orders; `streams` are
    those of them that it reads as streams. `begins` is the line of the query's first word.
    """

    line: int
    layer: str
    table: str = ""
    query: str = ""
    reads: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    begins: int = 0


def statements(text: str) -> list[Statement]:
    """The statements of a file, in order. Raises SqlError for the first one that is not understood."""
    parsed = [_statement(text, tokens) for tokens in split_tokens(text)]
    if not parsed:
        raise SqlError("says nothing", 1)
    return parsed


def _statement(text: str, tokens: list[Token]) -> Statement:
    words = " ".join(t.upper for t in tokens[:7])
    line = line_of(text, tokens[0])
    if head := _DATABASE.match(words):
        named = tokens[len(head[0].split()) :][:1]
        if not named or len(named[0].parts) != 1 or named[0].parts[0] not in LAYERS:
            raise SqlError(
                f"names a database that is no layer: {named[0].text if named else 'nothing'}", line
            )
        return Statement(line, LAYERS[named[0].parts[0]])
    head = _TABLE.match(words) or _INSERT.match(words)
    if not head:
        raise SqlError(f"begins with '{' '.join(t.text for t in tokens[:2])}'", line)
    rest = tokens[len(head[0].split()) :]
    target = _table(rest[0], text) if rest else None
    if target is None or len(rest[0].parts) != 2:
        raise SqlError("names no table of a layer", line)
    body = rest[1:] if head[0].startswith("INSERT") else _after_as(rest[1:], line)
    if not body or body[0].upper not in ("SELECT", "WITH", "FROM", "("):
        raise SqlError(f"{target} has no query", line)
    return _query(text, line, target, body)


def _after_as(tokens: list[Token], line: int) -> list[Token]:
    if tokens and tokens[0].upper == "USING":
        if [t.upper for t in tokens[1:2]] != ["DELTA"]:
            raise SqlError("is USING another format than DELTA", line)
        tokens = tokens[2:]
    if not tokens or tokens[0].upper != "AS":
        raise SqlError("states columns or options, which are its contract's", line)
    return tokens[1:]


def _query(text: str, line: int, target: str, body: list[Token]) -> Statement:
    at, out = body[0].start, []
    reads, streams, params = dict[str, None](), dict[str, None](), dict[str, None]()
    for i, token in enumerate(body):
        if token.kind == "param":
            params[token.text[1:]] = None
        if any(part.startswith(PREFIX) for part in token.parts):
            expected = f"a name that does not begin with {PREFIX}"
            raise SqlError(
                f"uses the name {token.text}, which is the platform's", line_of(text, token), expected
            )
        table = _table(token, text)
        if table is None:
            continue
        before, after = body[max(0, i - 2) : i], body[i + 1 : i + 2]
        streamed = [t.upper for t in before] == ["STREAM", "("] and [t.text for t in after] == [")"]
        start, end = (before[0].start, after[0].end) if streamed else (token.start, token.end)
        out += [
            text[at:start],
            word(table),
            "".join(f".{p}" for p in token.text.split(".")[2:]),
        ]
        at = end
        reads[table] = None
        if streamed:
            streams[table] = None
    query = "".join([*out, text[at : body[-1].end]])
    return Statement(
        line,
        target.split(".")[0],
        target,
        query,
        tuple(reads),
        tuple(streams),
        tuple(params),
        line_of(text, body[0]),
    )


def _table(token: Token, text: str) -> str | None:
    """`<layer>.<table>` of a name that begins with a layer; None of any other."""
    parts = token.parts
    if len(parts) >= 3 and parts[0] not in LAYERS and parts[1] in LAYERS:
        expected = f"{'.'.join(parts[1:])}: each environment has a catalog of its own"
        raise SqlError(f"names the catalog '{parts[0]}'", line_of(text, token), expected)
    return f"{LAYERS[parts[0]]}.{parts[1]}" if len(parts) >= 2 and parts[0] in LAYERS else None
