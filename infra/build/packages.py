"""Downloads the pinned packages as wheels, for the machine that they will run on and not for this one."""

from __future__ import annotations

import subprocess
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lakehouse.digest import digest_of
from lakehouse.platform_files import platform_file
from lakehouse.reading.faults import Fault, FaultsError

PIP = "pip@25.3"
# Names of Linux on which a wheel may run there: Amazon Linux 2023 has glibc 2.34.
_LINUX = ("manylinux_2_28", "manylinux_2_17", "manylinux2014", "manylinux_2_5", "manylinux1")
# What every Python function of AWS has already.
RUNTIME_HAS = ("boto3", "botocore", "s3transfer", "urllib3", "python-dateutil", "six")


@dataclass(frozen=True)
class Target:
    """Whose packages, and the Python and machine that they run on.

    `file`: the pinned requirements with hashes, a file of the platform. `export`: how uv makes it from this
    repository's lock file. `locked`: the lock file holds hashes of the files for that Python.
    """

    file: str
    export: tuple[str, ...]
    python: str
    machine: str
    locked: bool


GLUE = Target(
    "infra/build/glue-requirements.txt",
    ("--no-default-groups", "--no-emit-project"),
    "3.11.9",
    "x86_64",
    True,
)
# The lock file is for Python 3.11: it names the versions that a function gets, and not the files for 3.13,
# whose hashes the requirements file has from the index.
FUNCTIONS = Target(
    "infra/build/function-requirements.txt", ("--only-group", "lambdas"), "3.13", "aarch64", False
)


def requirements(target: Target) -> str:
    """The lines of the platform's requirements file for a target, with one version of each package."""
    return platform_file(target.file).read_text(encoding="utf-8")


def exported_requirements(root: Path, target: Target) -> str:
    """The same lines, as the lock file in `root` says, with hashes where it has them.

    Needs uv, and no network.
    """
    hashes = () if target.locked else ("--no-hashes",)
    options = ("--frozen", "--no-header", "--no-annotate", "--quiet", *hashes, *target.export)
    text = _run(["uv", "export", "--project", str(root), *options], root / "uv.lock")
    if target is FUNCTIONS:
        return "\n".join(line for line in text.splitlines() if line.split("==")[0] not in RUNTIME_HAS) + "\n"
    return text


def with_hashes(lines: str, target: Target) -> str:
    """Requirement lines with the hashes of their files, as the package index has them. Needs the network."""
    platform = f"{target.machine}-manylinux_2_28"
    options = ["--no-deps", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
    options += ["--no-python-downloads", "--python-version", target.python, "--python-platform", platform]
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "requirements.in"
        file.write_text(lines, encoding="utf-8")
        return _run(["uv", "pip", "compile", *options, str(file)], file)


def versions(lines: str) -> list[str]:
    """`name==version` of each package of requirement lines, without hashes and markers."""
    return [
        line.split()[0] for line in lines.splitlines() if line.strip() and not line.startswith((" ", "#"))
    ]


def inputs_digest(lines: str, target: Target) -> str:
    """The digest of everything that decides which wheels are downloaded."""
    machine = f"{target.python} {target.machine}"
    return digest_of({"lines": lines.encode(), "machine": machine.encode(), "pip": PIP.encode()})


def download(lines: str, target: Target, folder: Path) -> list[Path]:
    """Downloads the wheels of requirement lines into `folder`.

    Raises FaultsError (LK520) when one is missing from the index, or has another hash than the pinned one.
    """
    version = "".join(target.python.split(".")[:2])
    platforms = [word for name in _LINUX for word in ("--platform", f"{name}_{target.machine}")]
    abis = [word for abi in (f"cp{version}", "abi3", "none") for word in ("--abi", abi)]
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "requirements.txt"
        file.write_text(lines, encoding="utf-8")
        # pip evaluates markers for the Python that it runs on.
        pip = [
            "uv",
            "tool",
            "run",
            "--python",
            "3.11",
            PIP,
            "download",
            "--quiet",
            "--disable-pip-version-check",
        ]
        options = ["--no-deps", "--only-binary=:all:", "--implementation", "cp"]
        options += ["--python-version", target.python, *platforms, *abis]
        _run([*pip, *options, "--require-hashes", "-r", str(file), "-d", str(folder)], folder)
    return sorted(folder.glob("*.whl"))


def zip_of_wheels(wheels: Iterable[Path]) -> dict[str, bytes | Path]:
    """The content of a `….gluewheels.zip` of Glue: a folder with the wheels and a list of them."""
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


def _run(command: list[str], subject: Path) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    except FileNotFoundError:
        raise _fault(subject, "uv is not there", "uv, https://docs.astral.sh/uv/") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        lines = [line for line in str(error.stderr or error).splitlines() if line.strip()] or [str(error)]
        message = f"{' '.join(command[:3])}: {lines[-1][:300]}"
        expected = "every pinned package as a wheel for Linux, from the index"
        raise _fault(subject, message, expected) from None
    return done.stdout


def _fault(subject: Path, message: str, expected: str) -> FaultsError:
    return FaultsError([Fault(subject.name, 0, 0, "LK520", message, expected)])
