"""Spellings of one name: of other case, and of other Unicode normal forms, which look the same."""

from __future__ import annotations

from unicodedata import normalize


def folded(name: str) -> str:
    """The same text for all spellings of a name."""
    return normalize("NFC", normalize("NFC", name).casefold())


def lower_forms(name: str) -> tuple[str, ...]:
    """All spellings of a name in lower case, the name's own first; one where it is of ASCII alone."""
    composed = normalize("NFC", name)
    forms = [
        text for form in (composed, composed.upper(), composed.casefold()) for text in _both(form.lower())
    ]
    return tuple(dict.fromkeys([name.lower(), *forms]))


def _both(text: str) -> tuple[str, str]:
    return normalize("NFC", text), normalize("NFD", text)
