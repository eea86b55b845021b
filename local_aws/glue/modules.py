"""Installs what `--additional-python-modules` names, each in a folder of its own, once."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
import tempfile
import threading
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local_aws.glue.s3_files import LaunchError, download, etag

ZIP_OF_WHEELS = ".gluewheels.zip"
_SECONDS = 900
# Glue's workers run Linux on x86_64: only there are the wheels of a zip those of this machine.
_LIKE_GLUE = sys.platform == "linux" and platform.machine() == "x86_64"
_lock = threading.Lock()


def interpreter(folder: Path) -> Path:
    """A Python of this version without any package."""
    python = folder / f"python-{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    with _lock:
        if not (python / "bin" / "python").exists():
            venv.EnvBuilder(symlinks=True, clear=True).create(python)
    return python / "bin" / "python"


def installed(folder: Path, s3: Any, module: str, options: Sequence[str]) -> Path:
    """The folder with an installed module: a wheel or a zip of wheels on S3, or a requirement.

    Installed below `folder` at the first call; later calls find it by the digest of the module and the
    options. Raises LaunchError when the module or one of its wheels cannot be had.
    """
    on_s3 = module.startswith("s3://")
    version = etag(s3, module) if on_s3 else ""
    key = "\n".join([module, version, *options, sys.version, str(_LIKE_GLUE)])
    target = folder / hashlib.sha256(key.encode()).hexdigest()[:24]
    with _lock:
        if not target.exists():
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder, prefix=".installing-") as scratch:
                workdir = Path(scratch)
                words = _requirements(s3, module, workdir) if on_s3 else [module]
                _install(workdir / "installed", words, _usable(options), workdir)
                _publish(workdir / "installed", target)
    return target


def _requirements(s3: Any, uri: str, work: Path) -> list[str]:
    """The words that name the wheels of an object to the installer."""
    file = download(s3, uri, work)
    if file.name.endswith(ZIP_OF_WHEELS):
        with zipfile.ZipFile(file) as archive:
            archive.extractall(work)
        listed = next(iter((*work.glob("*/requirements.txt"), *work.glob("requirements.txt"))), None)
        if listed is None:
            raise LaunchError(f"{uri} has no requirements.txt beside its wheels")
        return ["--requirement", str(listed), "--find-links", str(listed.parent)]
    return ["--requirement", str(file)] if file.name.endswith(".txt") else [str(file)]


def _usable(options: Sequence[str]) -> list[str]:
    """On a machine unlike Glue's the packages of a zip come from the index, as wheels of this machine."""
    return [option for option in options if _LIKE_GLUE or option != "--no-index"]


def _install(target: Path, words: Sequence[str], options: Sequence[str], work: Path) -> None:
    target.mkdir()
    command = ["uv", "pip", "install", "--quiet", "--python", sys.executable, "--target", str(target)]
    # Wheels of a release would stay in the common cache for ever, by the name of a folder that is gone.
    cache = ["--cache-dir", str(work / "cache")] if "--find-links" in words else []
    try:
        done = subprocess.run(
            [*command, *cache, *options, *words],
            cwd=work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise LaunchError(f"Python modules cannot be installed: {error}") from error
    if done.returncode:
        reason = " ".join(line.strip(" │╰─▶×") for line in done.stderr.splitlines() if line.strip())
        raise LaunchError(f"Python modules cannot be installed: {reason[:1000]}")


def _publish(folder: Path, target: Path) -> None:
    """By a rename. Another process may have been faster."""
    try:
        folder.rename(target)
    except OSError:
        if not target.is_dir():
            raise
