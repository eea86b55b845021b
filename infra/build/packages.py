"""Wheels of what the lock file names, for the machine that they will run on and not for this one."""

from __future__ import annotations

import subprocess
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lakehouse.reading.faults import Fault, FaultsError

PIP = "pip@25.3"
# Names of Linux on which a wheel may run there: Amazon Linux 2023 has glibc 2.34.
_LINUX = ("manylinux_2_28", "manylinux_2_17", "manylinux2014", "manylinux_2_5", "manylinux1")
# What every Python function of AWS has already.
RUNTIME_HAS = ("boto3", "botocore", "s3transfer", "urllib3", "python-dateutil", "six")


@dataclass(frozen=True)
class Target:
    """Whose packages, and the Python and machine that they run on. `locked`: the lock file holds hashes of the files for that Python."""

    export: tuple[str, ...]
    python: str
    machine: str
    locked: bool


GLUE = Target(("--no-default-groups", "--no-emit-project"), "3.11.9", "x86_64", True)
# The lock file is for Python 3.11: it names the versions that a function gets, and not the files for 3.13.
FUNCTIONS = Target(("--only-group", "lambdas"), "3.13", "aarch64", False)


def requirements(root: Path, target: Target) -> str:
    """The lines of a requirements file with one version each, as the lock file says. Needs uv, and no network."""
    hashes = () if target.locked else ("--no-hashes",)
    command = [
        "uv",
        "export",
        "--project",
        str(root),
        "--frozen",
        "--no-header",
        "--no-annotate",
        "--quiet",
        *hashes,
        *target.export,
    ]
    text = _run(command, root / "uv.lock")
    if target is FUNCTIONS:
        return "\n".join(line for line in text.splitlines() if line.split("==")[0] not in RUNTIME_HAS) + "\n"
    return text


def download(lines: str, target: Target, folder: Path) -> list[Path]:
    """Fetch the wheels into `folder`. Raises FaultsError (LK520) when one cannot be had, or is not the one that was locked."""
    version = "".join(target.python.split(".")[:2])
    platforms = [word for name in _LINUX for word in ("--platform", f"{name}_{target.machine}")]
    abis = [word for abi in (f"cp{version}", "abi3", "none") for word in ("--abi", abi)]
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "requirements.txt"
        file.write_text(lines, encoding="utf-8")
        # Markers are judged by the Python that pip runs on.
        command = [
            "uv",
            "tool",
            "run",
            "--python",
            "3.11",
            PIP,
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        command += [
            "--only-binary=:all:",
            "--python-version",
            target.python,
            "--implementation",
            "cp",
            *platforms,
            *abis,
        ]
        command += ["--require-hashes"] if target.locked else []
        _run([*command, "-r", str(file), "-d", str(folder)], folder)
    return sorted(folder.glob("*.whl"))


def zip_of_wheels(wheels: Iterable[Path]) -> dict[str, bytes | Path]:
    """As Glue wants it, by the name `….gluewheels.zip`: a folder with the wheels and the list of what to install of them."""
    files = {wheel.name: wheel for wheel in wheels}
    pinned = sorted(f"{name}=={version}" for name, version, *_ in (file.split("-") for file in files))
    entries: dict[str, bytes | Path] = {f"wheels/{name}": file for name, file in files.items()}
    return {**entries, "wheels/requirements.txt": ("\n".join(pinned) + "\n").encode()}


def unpacked(wheels: Iterable[Path]) -> dict[str, bytes | Path]:
    """The content of wheels as it lies on the path of a function, without scripts and lists of files."""
    entries: dict[str, bytes | Path] = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.endswith(("/", ".dist-info/RECORD")) or ".data/scripts/" in name:
                    continue
                entries[name] = archive.read(name)
    return entries


def _run(command: list[str], about: Path) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    except FileNotFoundError:
        raise _fault(about, "uv is not there", "uv, https://docs.astral.sh/uv/") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = [line for line in str(error.stderr or error).splitlines() if line.strip()] or [str(error)]
        raise _fault(
            about,
            f"{' '.join(command[:3])}: {said[-1][:300]}",
            "every package of uv.lock as a wheel for Linux, from the index",
        ) from None
    return done.stdout


def _fault(about: Path, what: str, wanted: str) -> FaultsError:
    return FaultsError([Fault(about.name, 0, 0, "LK520", what, wanted)])
