"""Tables on a terminal: each fits it, and nothing is cut."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

# A pipe has no width, and rich's default of 80 columns would break every cell.
PIPE_WIDTH = 200
# The widest column may be folded to this; where all would be narrower, each row is a block of lines.
_FOLDED = 24
_GAP = 2


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    right: Sequence[str],
    null: str,
    *,
    width: int | None = None,
) -> None:
    """Prints rows as a table, or one below the other where the table is wider than the terminal.

    `right`: columns of counts, sums and sizes, with separators of thousands. Whole numbers of other columns
    are keys: they stand as they can be pasted into a query. `null`: what stands for no value. `width`: in
    characters; without it that of the terminal.
    """
    console = Console(width=width or (None if sys.stdout.isatty() else PIPE_WIDTH))
    texts = [
        [
            cell(value, name, counted=name in right, null=null)
            for name, value in zip(columns, row, strict=True)
        ]
        for row in rows
    ]
    widths = [
        max(map(_width, [name, *(row[number] for row in texts)])) for number, name in enumerate(columns)
    ]
    if title:
        console.print(Text(title, style="italic"))
    if _fits(widths, console.width):
        console.print(_table(columns, texts, widths, right))
        return
    label = max(map(len, columns))
    for row in texts:
        for name, text in zip(columns, row, strict=True):
            console.print(Text(f"{name:<{label}}  ", style="bold") + Text(text))
        console.print()


def _fits(widths: list[int], width: int) -> bool:
    gaps = _GAP * max(0, len(widths) - 1)
    folded = min(max(widths, default=0), _FOLDED)
    return sum(widths) - max(widths, default=0) + folded + gaps <= width


def _table(columns: Sequence[str], texts: list[list[str]], widths: list[int], right: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    widest = widths.index(max(widths)) if widths else 0
    for number, name in enumerate(columns):
        table.add_column(
            name,
            justify="right" if name in right else "left",
            overflow="fold",
            no_wrap=number != widest,
        )
    for row in texts:
        table.add_row(*map(Text, row))
    return table


def _width(text: str) -> int:
    return max(map(len, text.splitlines()), default=0)


def cell(value: object, column: str = "", *, counted: bool = True, null: str = "–") -> str:
    """A value as text. Money has four places, any other counted number one."""
    if value is None:
        return null
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and counted:
        return f"{value:,.4f}" if "usd" in column.lower() else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) and counted else str(value)
