"""Small wheels, and zips of them as Glue documents the form."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping


def wheel(name: str, version: str, text: str) -> tuple[str, bytes]:
    """The file name and the bytes of a wheel with one module, `name`.py."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": text,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    return f"{name}-{version}-py3-none-any.whl", zipped({**files, f"{info}/RECORD": record})


def zip_of_wheels(*wheels: tuple[str, bytes]) -> bytes:
    """A `….gluewheels.zip`: a folder of wheels, and the list of them."""
    pins = "".join(f"{'=='.join(name.split('-')[:2])}\n" for name, _ in wheels)
    return zipped({**{f"wheels/{name}": raw for name, raw in wheels}, "wheels/requirements.txt": pins})


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip of files by name: the same bytes, whenever it is made."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return raw.getvalue()
