"""The files of a ZIP archive, taken out of it one by one."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from glue_jobs.sources.file_text import archived_files, compression


@contextmanager
def files_in(file: Path) -> Iterator[list[Path]]:
    """The files of an archive, as long as the block lasts; a file that is no archive is the only one.

    Raises UnreadableFileError for an archive without a file or with a password, and what `zipfile` raises.
    """
    with file.open("rb") as raw:
        is_archive = compression(file.name, raw.read(8)) == ".zip"
    if not is_archive:
        yield [file]
        return
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(file) as archive:
        members = []
        for number, member in enumerate(archived_files(archive)):
            path = Path(folder) / f"{number:04}" / Path(member.filename).name
            path.parent.mkdir()
            with archive.open(member) as packed, path.open("wb") as plain:
                shutil.copyfileobj(packed, plain)
            members.append(path)
        yield members
