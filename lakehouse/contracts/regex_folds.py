"""Characters that differ by case alone, as ECMA-262 counts them for its flags `i` and `u`.

That is Unicode's simple case folding: k, K and the Kelvin sign are one, i and the dotless i are not. Java
and Python have rules of their own, so that a pattern for them names every form of a character.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from lakehouse.contracts.regex_classes import Chars, union

# The last character that has a case.
_LAST_CASED = 0x1E943
# Where the full folding is several characters, the simple one is another character, or none.
_SIMPLE = {0x1E9E: 0xDF, 0xFB05: 0xFB06, 0x1FD3: 0x390, 0x1FE3: 0x3B0}


def any_case(low: int, high: int) -> Chars:
    """The characters of a range, and what they are in another case."""
    forms = _forms()
    if high - low > _LAST_CASED:
        return ((low, high),)
    folds = {_fold(code) for code in range(low, min(high, _LAST_CASED) + 1)} & forms.keys()
    return union([(low, high), *((code, code) for fold in folds for code in forms[fold])])


@cache
def _forms() -> dict[int, list[int]]:
    """Each folded character that has several forms → these."""
    forms: dict[int, list[int]] = defaultdict(list)
    for code in range(_LAST_CASED + 1):
        forms[_fold(code)].append(code)
    return {fold: codes for fold, codes in forms.items() if len(codes) > 1}


def _fold(code: int) -> int:
    if code in _SIMPLE:
        return _SIMPLE[code]
    char = chr(code)
    folded = char.casefold()
    if len(folded) > 1:
        folded = char.lower()
    return ord(folded) if len(folded) == 1 else code
