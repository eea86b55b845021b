"""Whether a file on this machine has the form that its source states, by the parser of the ingest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from cli.landing.archives import files_in
from glue_jobs.errors import RunError
from glue_jobs.sources.columnar.column_faults import column_fault
from glue_jobs.sources.columnar.columnar_objects import ColumnarFormat, columns_of
from glue_jobs.sources.columns import fold_spellings, match_columns
from glue_jobs.sources.csv_header import header_fault, positional_names, trimmed
from glue_jobs.sources.file_records import Record, csv_records, text_lines, whole_text
from glue_jobs.sources.file_text import UnreadableFileError, open_text, reading
from glue_jobs.sources.json_array import array_elements
from glue_jobs.sources.json_keys import object_keys
from glue_jobs.sources.landing_files import is_unfinished
from glue_jobs.sources.source import SourceError
from lakehouse.contracts import SourcedContract
from lakehouse.contracts.file_forms import CsvForm

# The first lines of a file of JSON lines tell its columns, to the ingest too.
_SAMPLED_LINES = 100


class FormError(RunError):
    """A file is not in the form of its source; nothing was uploaded."""

    code = "RUN634"
    exit_code = 2


def check_form(file: Path, contract: SourcedContract) -> None:
    """Raises FormError with file and line: RUN634 for another form, RUN102 for a column that is missing."""
    form = contract.source.format
    expected = f"wanted {form} as {contract.table} takes it"
    if is_unfinished(file.name):
        raise FormError(f"{file}: files of this name are unfinished uploads, which no run reads; rename it")
    try:
        if file.stat().st_size == 0:
            raise FormError(f"{file}: is empty; {expected}")
        reading(lambda: _check(file, contract))
    except UnreadableFileError as fault:
        raise FormError(f"{file}: {fault}; {expected}") from None
    except SourceError as error:
        raise FormError(str(error).removeprefix(f"{error.code} "), code=error.code) from None
    except OSError as error:
        raise FormError(f"{file}: cannot be read: {error.strerror}") from None


def _check(file: Path, contract: SourcedContract) -> None:
    """Checks a file, or each file of an archive."""
    with files_in(file) as members:
        for member in members:
            _CHECKS.get(contract.source.format, _json_lines)(member, contract)
        form = contract.source.csv_form
        has_headers = contract.source.format == "csv" and form.header
        if has_headers and len({_header(member, form) for member in members}) > 1:
            raise UnreadableFileError("is a ZIP archive whose files have different headers")


def _header(file: Path, form: CsvForm) -> tuple[str, ...]:
    first = next(_records(file, lambda text: csv_records(text, form), form.encoding), None)
    return trimmed(first.cells or ()) if first else ()


def _records(
    file: Path, parse: Callable[[Iterable[str]], Iterator[Record]], encoding: str = "utf-8"
) -> Iterator[Record]:
    with file.open("rb", buffering=0) as raw:
        yield from parse(open_text(raw, file.name, encoding))


def _csv(file: Path, contract: SourcedContract) -> None:
    form = contract.source.csv_form
    records = _records(file, lambda text: csv_records(text, form), form.encoding)
    first = next(records, None)
    if first is None or first.cells is None:
        raise UnreadableFileError("has no header, and no record, in its first line")
    stated = positional_names(contract)
    header = trimmed(first.cells)
    if fault := header_fault(header, contract):
        raise UnreadableFileError(fault)
    match_columns(contract, stated or header, f"{file}:{first.number}")
    if len(header) != len(stated or header):
        line = f"in line {first.number}"
        raise UnreadableFileError(f"has {len(header)} values {line}; its source names {len(stated)} columns")
    # A quote that nothing closes is found at the end of the file.
    for _ in records:
        pass


def _fixed_width(file: Path, contract: SourcedContract) -> None:
    form = contract.source.fixed
    if form is None:
        raise UnreadableFileError("has a source that states no `fixed`")
    match_columns(contract, list(form.fields), str(file))
    records = _records(file, lambda text: text_lines(text, form), form.encoding)
    lines = islice(records, int(form.header), _SAMPLED_LINES)
    first = next(lines, None)
    if first is None:
        raise UnreadableFileError("has no line")
    length = len(first.text)
    if (length < form.width and not form.ragged) or first.text[form.width :].strip(" "):
        line = f"in line {first.number}"
        raise UnreadableFileError(f"has {length} characters {line}; its fields end at {form.width}")


def _json_lines(file: Path, contract: SourcedContract) -> None:
    lines = list(islice(_records(file, text_lines), _SAMPLED_LINES))
    if lines and lines[0].text.lstrip().startswith("["):
        raise UnreadableFileError(f"has a JSON array in line {lines[0].number}, and no object in each line")
    keys = dict.fromkeys(key for line in lines for key in object_keys(line.text))
    if not keys:
        number = lines[0].number if lines else 1
        raise UnreadableFileError(f"has no JSON object in line {number}")
    if len(lines) > 1:
        match_columns(contract, fold_spellings(contract, list(keys)), f"{file}:{lines[0].number}")


def _json_document(file: Path, contract: SourcedContract) -> None:
    text = "".join(record.text for record in _records(file, whole_text))
    try:
        json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise UnreadableFileError(f"is no JSON document: line {line}") from None


def _json_array(file: Path, contract: SourcedContract) -> None:
    keys: dict[str, None] = {}
    # A bracket that nothing closes is found at the end of the file.
    for record in _records(file, array_elements):
        if record.number <= _SAMPLED_LINES:
            keys |= dict.fromkeys(object_keys(record.text))
    if not keys:
        raise UnreadableFileError("has no JSON object in its array")
    match_columns(contract, fold_spellings(contract, list(keys)), str(file))


def _columnar(file: Path, contract: SourcedContract) -> None:
    form: ColumnarFormat = "avro" if contract.source.format == "avro" else "parquet"
    with file.open("rb") as raw:
        schema = columns_of(raw, form)
        if fault := column_fault(schema, contract):
            raise UnreadableFileError(fault)
        match_columns(contract, schema.names, str(file))


_CHECKS: dict[str, Callable[[Path, SourcedContract], None]] = {
    "csv": _csv,
    "fixed_width": _fixed_width,
    "json_document": _json_document,
    "json_array": _json_array,
    "parquet": _columnar,
    "avro": _columnar,
}
