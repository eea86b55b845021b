r"""Types the JSON text of an array, a map or a struct: each value inside is exactly what was sent.

Spark's own parser would round a decimal, take a number for a text and a number of days for a date, and leave
a key in another case out. So each level is parsed as texts, and each value is typed as one of a column is.
The expressions are SQL, as those of `texts` are. A null of a text that is none makes what it is in null.
"""

from __future__ import annotations

from collections.abc import Callable

from glue_jobs.contract.sql_literals import literal
from lakehouse.contracts.nested_types import ArrayOf, Leaf, MapOf, NestedType, StructOf

# (text, Spark type) → the SQL expression of the text as a value of a type without parts.
TypedText = Callable[[str, str], str]
# Noncharacters, which Unicode keeps for such uses: before what was a text, and before any other scalar.
_TEXT, _SCALAR = "\ufdd1", "\ufdd0"
# Up to the next text that is no key, and up to the next number, true or false outside of a text; each from
# the end of the last one. Possessive loops need no stack.
_STRING = r'"(?:[^"\\]|\\.)*+"'
_TEXTS = rf'\G((?:[^"]|{_STRING}\s*+:)*+)"((?:[^"\\]|\\.)*+")'
_SCALARS = rf'\G((?:[^"0-9tf-]|{_STRING})*+)(-?[0-9][0-9.eE+-]*+|true|false)'
_MARKS = ((literal(f'"{_SCALAR}([^"]*)"'), literal("$1")), (literal(f'"{_TEXT}'), literal('"')))
_MARKED_TEXT, _MARKED_SCALAR = literal(f'$1"{_TEXT}$2'), literal(f'$1"{_SCALAR}$2"')
# What JSON itself does not allow is a broken text, not a dialect.
_JSON = (
    "map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false', 'maxStringLen', '1000000000', "
    "'maxNumLen', '100000')"
)
# Functions of Spark that take no options read no number that is longer.
LONG_NUMBER = "[0-9.eE+-]{1000}"
_LARGEST = {"double": "1.7976931348623157E308D", "float": "3.4028234663852886E38D"}
_ENTRIES, _ELEMENTS = "map<string,string>", "array<string>"


def typed_json(text: str, kind: NestedType, typed_text: TypedText) -> str:
    """The SQL expression of a JSON text as a value of the type; null for a text that is no such value.

    `text`: a SQL expression of type string. A key in another case is the struct's field; an object that has
    a field in two spellings is no value of it. Of a key that stands twice the last value counts.
    """
    # A value that both ] and } may follow is whole: Spark's parser stops at the end of a value.
    array = "concat('[', t, ']')"
    of_long_numbers = f"t RLIKE '{LONG_NUMBER}' AND size({_parsed(array, _ELEMENTS)}) = 1"
    in_array = f"(json_array_length({array}) = 1 OR ({of_long_numbers}))"
    object_text = f"concat('{{\"v\":', {_marked('t')}, '}}')"
    value = _Levels(typed_text).value("m['v']", kind, 0)
    one = _let("m", _parsed(object_text, _ENTRIES), f"CASE WHEN size(m) = 1 THEN {value} END")
    return _let("t", text, f"CASE WHEN {in_array} THEN {one} END")


def _marked(text: str) -> str:
    """A JSON text whose texts, but for keys, begin with a mark, and whose other scalars are marked texts."""
    texts = f"regexp_replace({text}, {literal(_TEXTS)}, {_MARKED_TEXT})"
    return f"regexp_replace({texts}, {literal(_SCALARS)}, {_MARKED_SCALAR})"


def _parsed(text: str, kind: str) -> str:
    return f"from_json({text}, '{kind}', {_JSON})"


def _let(name: str, value: str, body: str) -> str:
    """`body`, an expression of the variable. Spark writes an expression for each time that it stands in."""
    return f"transform(array({value}), {name} -> {body})[0]"


class _Levels:
    """Writes the expressions of one column. Numbers in the names of variables are levels."""

    def __init__(self, typed_text: TypedText) -> None:
        self._typed_text = typed_text

    def value(self, text: str, kind: NestedType, level: int) -> str:
        """The value of a marked text, which is a variable or a part of one; null for any other text."""
        match kind:
            case Leaf(name):
                return self._leaf(text, name)
            case ArrayOf(element):
                opening, parsed, some = "[", _parsed(text, _ELEMENTS), self._array(element, level)
            case MapOf(of):
                opening, parsed, some = "{", _parsed(text, _ENTRIES), self._map(of, level)
            case StructOf():
                opening, parsed, some = "{", _parsed(text, _ENTRIES), self._struct(kind, level)
        return f"CASE WHEN startswith({text}, '{opening}') THEN {_let(f'e{level}', parsed, some)} END"

    def _leaf(self, text: str, kind: str) -> str:
        is_text, is_scalar = f"startswith({text}, '{_TEXT}')", f"startswith({text}, '{_SCALAR}')"
        if kind in ("string", "binary"):
            # What is nested is its text; a number, true or false is none.
            plain = text
            for mark, unmarked in _MARKS:
                plain = f"regexp_replace({plain}, {mark}, {unmarked})"
            sent = f"CASE WHEN {is_text} THEN substring({text}, 2) WHEN NOT {is_scalar} THEN {plain} END"
            return sent if kind == "string" else self._typed_text(sent, kind)
        # Without its first character, what is nested is no number, time, true or false either.
        typed = self._typed_text(f"substring({text}, 2)", kind)
        return f"CASE WHEN abs({typed}) <= {_LARGEST[kind]} THEN {typed} END" if kind in _LARGEST else typed

    def _array(self, element: NestedType, level: int) -> str:
        return self._each(f"e{level}", element, level, f"o{level}")

    def _map(self, of: NestedType, level: int) -> str:
        keys, r = f"array_distinct(map_keys(e{level}))", f"r{level}"
        texts = f"transform({keys}, k{level} -> {_last(level, f'p{level}.key = k{level}')})"
        return _let(r, texts, self._each(r, of, level, f"map_from_arrays({keys}, o{level})"))

    def _each(self, texts: str, kind: NestedType, level: int, result: str) -> str:
        """`result`, an expression of o, the values of the texts, if it has no more nulls than these."""
        values = f"transform({texts}, x{level} -> {self.value(f'x{level}', kind, level + 1)})"
        nulls, lost = (f"size(filter({some}, y -> y IS NULL))" for some in (texts, f"o{level}"))
        return _let(f"o{level}", values, f"CASE WHEN {nulls} = {lost} THEN {result} END")

    def _struct(self, kind: StructOf, level: int) -> str:
        r, o = f"r{level}", f"o{level}"
        keys = ", ".join(literal(name.lower()) for name, _ in kind.fields)
        named = f"filter(transform(array_distinct(map_keys(e{level})), k -> lower(k)), k -> k IN ({keys}))"
        once = f"size({named}) = size(array_distinct({named}))"
        texts = ", ".join(
            f"'{name}', " + _last(level, f"lower(p{level}.key) = '{name.lower()}'") for name, _ in kind.fields
        )
        values = ", ".join(f"'{n}', {self.value(f'{r}.`{n}`', of, level + 1)}" for n, of in kind.fields)
        whole = " AND ".join(f"({r}.`{n}` IS NULL OR {o}.`{n}` IS NOT NULL)" for n, _ in kind.fields)
        typed = _let(o, f"named_struct({values})", f"CASE WHEN {whole} THEN {o} END")
        return f"CASE WHEN {once} THEN {_let(r, f'named_struct({texts})', typed)} END"


def _last(level: int, condition: str) -> str:
    """The value of the last entry of e that meets a condition on p."""
    same = f"filter(map_entries(e{level}), p{level} -> {condition})"
    return f"get(reverse({same}), 0).value"
