"""The platform as a team installs it: the wheel holds every file that a command needs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.build.release import working_release
from lakehouse import __version__
from lakehouse.platform_files import PACKAGES, packages_root, platform_file
from lakehouse.project import project_root


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `uv build --wheel` packs, unpacked as an installer does it."""
    folder = tmp_path_factory.mktemp("installed")
    words = ["uv", "build", "--quiet", "--wheel", "--out-dir", str(folder / "dist"), str(packages_root())]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    assert wheel.name == f"lakehouse_platform-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def python(site: Path, folder: Path, *words: str) -> str:
    """Runs Python in `folder` with the installed packages before those of the checkout."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LAKEHOUSE_")}
    done = subprocess.run(
        [sys.executable, "-P", *words],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_file_of_a_package_is_in_the_wheel(site: Path) -> None:
    words = ["git", "-C", str(packages_root()), "ls-files", "--", *PACKAGES, "templates", "docs/errors"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    files = {path.strip('"') for path in done.stdout.splitlines() if (packages_root() / path).is_file()}
    inside = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    data = {path.replace("lakehouse/platform_data/", "") for path in inside}
    assert files - data == set()
    assert [path for path in inside if path.startswith(("tests/", "sample_data/", "pipelines/"))] == []


def test_the_installed_platform_makes_validates_and_synthesizes_a_project(site: Path, tmp_path: Path) -> None:
    init = ("init", "shop", "--name", "shop", "--environments", "test")
    python(site, tmp_path, "-m", "cli", *init)
    assert python(site, tmp_path / "shop", "-m", "cli", "validate").startswith("sound: 2 environments")
    stack = python(site, tmp_path / "shop", "-m", "cli.deploy.cdktf", "synth", "--env", "test").strip()
    assert (tmp_path / "shop" / "cdktf.out" / "stacks" / "shop-test" / "cdk.tf.json").is_file(), stack
    code = "from infra.terraform.checkov import CHECKS; print(CHECKS)"
    assert python(site, tmp_path / "shop", "-c", code).strip() == str(site / "checks")


def test_the_installed_engine_is_the_engine_of_the_checkout(site: Path, tmp_path: Path) -> None:
    code = "from infra.build.release import engine_digest; print(engine_digest())"
    assert python(site, tmp_path, "-c", code).strip() == working_release(project_root()).engine


def test_a_file_that_the_platform_does_not_hold_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="holds no templates/none"):
        platform_file("templates/none")
