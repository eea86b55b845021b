"""What a SQL file says: the tables it makes, the query that each of them is, and what these queries read.

No more of SQL is understood here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate

from lakehouse.pipelines.sql_catalogs import DATABASE, INSERT, LAYERS, TABLE, without_catalogs
from lakehouse.pipelines.sql_relations import has_alias, relations
from lakehouse.pipelines.sql_tokens import SqlError, Token, line_of, split_tokens

# Given to every query beside the job's parameters.
GIVEN = ("run_date",)
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
    those of them that it reads as streams. `anchors` are pairs of offsets, in the query and in the file's
    text, at which pieces of the query begin. `catalogs` stand before a layer; with lines.
    """

    line: int
    layer: str
    table: str = ""
    query: str = ""
    reads: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    anchors: tuple[tuple[int, int], ...] = ()
    catalogs: tuple[tuple[str, int], ...] = ()

    def position(self, text: str, offset: int) -> tuple[int, int]:
        """Line and column, from 1, in the file's text of what stands at `offset` in the query."""
        i = max(0, bisect_right(self.anchors, offset, key=lambda anchor: anchor[0]) - 1)
        start, origin = self.anchors[i]
        origin += max(0, offset - start)
        if i + 1 < len(self.anchors):
            # A word of the platform may be longer than the name for which it stands.
            origin = min(origin, max(self.anchors[i][1], self.anchors[i + 1][1] - 1))
        return text.count("\n", 0, origin) + 1, origin - text.rfind("\n", 0, origin)


def statements(text: str) -> list[Statement]:
    """The statements of a file, in order. Raises SqlError for the first one that is not understood."""
    parsed, errors = read_statements(text)
    if errors:
        raise errors[0]
    return parsed


def read_statements(text: str) -> tuple[list[Statement], list[SqlError]]:
    """The statements of a file that are understood, in order, and why the others are not."""
    parsed: list[Statement] = []
    errors: list[SqlError] = []
    try:
        for tokens in split_tokens(text):
            try:
                parsed.append(_statement(text, tokens))
            except SqlError as error:
                errors.append(error)
    except SqlError as error:  # a quote that is never closed: nothing can be told of what follows
        errors.append(error)
    if not parsed and not errors:
        errors.append(SqlError("says nothing", 1))
    return parsed, errors


def _statement(text: str, tokens: list[Token]) -> Statement:
    tokens, catalogs = without_catalogs(text, tokens)
    return replace(_parsed(text, tokens), catalogs=catalogs)


def _parsed(text: str, tokens: list[Token]) -> Statement:
    words = " ".join(t.upper for t in tokens[:7])
    line = line_of(text, tokens[0])
    if head := DATABASE.match(words):
        named = tokens[len(head[0].split()) :][:1]
        if not named or len(named[0].parts) != 1 or named[0].parts[0] not in LAYERS:
            raise SqlError(
                f"names a database that is no layer: {named[0].text if named else 'nothing'}", line
            )
        return Statement(line, LAYERS[named[0].parts[0]])
    head = TABLE.match(words) or INSERT.match(words)
    if not head:
        raise SqlError(f"begins with '{' '.join(t.text for t in tokens[:2])}'", line)
    rest = tokens[len(head[0].split()) :]
    target = _table(rest[0]) if rest else None
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
    at, pieces = body[0].start, list[tuple[str, int]]()
    for token in body:
        if any(part.startswith(PREFIX) for part in token.parts):
            message = f"uses the name {token.text}, which is the platform's"
            expected = f"a name that does not begin with {PREFIX}"
            raise SqlError(message, line_of(text, token), expected)
    tables = {i: table for i in relations(body) if (table := _table(body[i]))}
    streams = [i for i in tables if _is_streamed(body, i)]
    for i, replacement in _replacements(body, tables):
        start, end = body[i].start, body[i].end
        if i in streams:
            start, end = body[i - 2].start, body[i + 1].end
        pieces += [(text[at:start], at), (replacement, start)]
        at = end
    pieces.append((text[at : body[-1].end], at))
    lengths = accumulate((len(piece) for piece, _ in pieces), initial=0)
    return Statement(
        line,
        target.split(".")[0],
        target,
        "".join(piece for piece, _ in pieces),
        tuple(dict.fromkeys(tables.values())),
        tuple(dict.fromkeys(tables[i] for i in streams)),
        tuple(dict.fromkeys(token.text[1:] for token in body if token.kind == "param")),
        tuple((length, origin) for length, (_, origin) in zip(lengths, pieces, strict=False)),
    )


def _is_streamed(body: list[Token], i: int) -> bool:
    before, after = [t.upper for t in body[max(0, i - 2) : i]], [t.text for t in body[i + 1 : i + 2]]
    return before == ["STREAM", "("] and after == [")"]


def _replacements(body: list[Token], tables: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """(index, text) of each name in place of which the word of a table stands: the table, or its columns."""
    # A word on its own may name something else, such as a WITH that is called like the table.
    following = [*(t.text for t in body[1:]), ""]
    alone = {
        t.parts[0] for t, after in zip(body, following, strict=True) if len(t.parts) == 1 and after != "."
    }
    by_last_part: dict[str, set[str]] = {}
    for i, table in tables.items():
        if not has_alias(body, i) and table.split(".")[1] not in alone:
            by_last_part.setdefault(table.split(".")[1], set()).add(table)
    for i, token in enumerate(body):
        parts = token.text.split(".")
        if i in tables:
            yield i, "".join([word(tables[i]), *(f".{p}" for p in parts[2:])])
            continue
        starred = [t.text for t in body[i + 1 : i + 3]] == [".", "*"]
        named = LAYERS.get(token.parts[0], "") if token.parts else ""
        table = f"{named}.{token.parts[1]}" if named and len(parts) >= 2 else ""
        if table in tables.values() and (len(parts) >= 3 or starred):
            yield i, "".join([word(table), *(f".{p}" for p in parts[2:])])
        elif token.parts and (len(parts) >= 2 or starred):
            # `orders.amount` of silver.orders, which has no other name in the query.
            candidates = by_last_part.get(token.parts[0], set())
            if len(candidates) == 1:
                yield i, "".join([word(*candidates), *(f".{p}" for p in parts[1:])])


def _table(token: Token) -> str | None:
    """`<layer>.<table>` of a name that begins with a layer; None of any other."""
    parts = token.parts
    return f"{LAYERS[parts[0]]}.{parts[1]}" if len(parts) >= 2 and parts[0] in LAYERS else None
