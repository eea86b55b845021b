"""The words with which a statement begins, the names of the layers, and the catalogs before them."""

from __future__ import annotations

import re
from dataclasses import replace

from lakehouse.pipelines.sql_relations import relations
from lakehouse.pipelines.sql_tokens import Token, line_of

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
DATABASE = re.compile(r"CREATE (?:DATABASE|SCHEMA)(?: IF NOT EXISTS)?")
TABLE = re.compile(r"CREATE(?: OR REPLACE)? TABLE(?: IF NOT EXISTS)?")
INSERT = re.compile(r"INSERT (?:INTO|OVERWRITE)(?: TABLE)?")


def without_catalogs(text: str, tokens: list[Token]) -> tuple[list[Token], tuple[tuple[str, int], ...]]:
    """The tokens with `<layer>.<table>` for `<catalog>.<layer>.<table>`, and each catalog with its line."""
    words = " ".join(t.upper for t in tokens[:7])
    database = DATABASE.match(words)
    head = database or TABLE.match(words) or INSERT.match(words)
    start = len(head[0].split()) if head else len(tokens)
    # `a.silver.b` is a field of a column, unless a table of the statement begins with `a`.
    tables = [*tokens[start : start + 1], *(tokens[i] for i in relations(tokens))]
    named = [t for t in tables if _has_catalog(t) and (database or len(t.parts) >= 3)]
    catalogs = {token.parts[0]: line_of(text, token) for token in reversed(named)}
    shortened = [
        replace(t, text=t.text.split(".", 1)[1]) if _has_catalog(t) and t.parts[0] in catalogs else t
        for t in tokens
    ]
    return shortened, tuple(sorted(catalogs.items()))


def _has_catalog(token: Token) -> bool:
    parts = token.parts
    return len(parts) >= 2 and parts[0] not in LAYERS and parts[1] in LAYERS
