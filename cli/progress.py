"""Progress on standard error, and `--quiet`, which every command takes and which leaves it out.

What a command answers, its warnings and its errors are shown all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated

import typer

OPTION = "--quiet"
HELP = "Show no progress of long work: answers, warnings and errors alone."

# Typer shows it in the help of the program; `quietly` is what reads it.
Quiet = Annotated[bool, typer.Option(OPTION, help=HELP)]
_IS_QUIET: ContextVar[bool] = ContextVar("is_quiet", default=False)


def is_quiet() -> bool:
    """Whether this command shows no progress."""
    return _IS_QUIET.get()


def tell(text: str) -> None:
    """Writes how far the work is."""
    if not is_quiet():
        typer.echo(text, err=True)


@contextmanager
def quietly(arguments: Sequence[str]) -> Iterator[list[str]]:
    """The arguments without `--quiet`, while it holds. Words after `--` are left alone."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    rest = [word for word in arguments[:end] if word != OPTION]
    token = _IS_QUIET.set(len(rest) < end)
    try:
        yield [*rest, *arguments[end:]]
    finally:
        _IS_QUIET.reset(token)
