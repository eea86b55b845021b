"""Packages of the lock file, as Glue and Lambda install them."""

from __future__ import annotations

from pathlib import Path

from infra.build import packages
from lakehouse.platform_files import packages_root
from tests.infra.build.example_wheels import example_wheels


def test_glue_is_given_a_zip_of_wheels_with_the_list_of_what_to_install(tmp_path: Path) -> None:
    entries = packages.zip_of_wheels(example_wheels(tmp_path / "wheels"))
    assert set(entries) == {
        "wheels/zeta-1.0-py3-none-any.whl",
        "wheels/alpha_beta-2.1-py3-none-any.whl",
        "wheels/requirements.txt",
    }
    assert entries["wheels/requirements.txt"] == b"alpha_beta==2.1\nzeta==1.0\n"


def test_the_lock_file_says_which_packages_with_the_hash_of_each() -> None:
    lines = packages.requirements(packages.GLUE)
    assert lines == packages.exported_requirements(packages_root(), packages.GLUE)
    assert "pydantic==" in lines
    assert "--hash=sha256:" in lines
    # Spark is Glue's, and what runs the platform on a laptop is the laptop's.
    assert not any(
        f"\n{name}==" in lines for name in ("pyspark", "delta-spark", "moto", "cdktf", "lakehouse-platform")
    )
    functions = packages.requirements(packages.FUNCTIONS)
    assert "aws-lambda-powertools==" in functions
    assert not any(line.startswith(("boto3==", "botocore==")) for line in functions.splitlines())


def test_every_package_that_is_downloaded_has_the_hash_of_each_of_its_files() -> None:
    for target in (packages.GLUE, packages.FUNCTIONS):
        lines = packages.requirements(target)
        exported = packages.exported_requirements(packages_root(), target)
        assert packages.versions(lines) == packages.versions(exported)
        blocks = lines.replace(" \\\n", " ").splitlines()
        assert not [block for block in blocks if block.strip() and "--hash=sha256:" not in block]
