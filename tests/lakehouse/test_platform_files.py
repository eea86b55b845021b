"""The platform's data files are found by their path in its repository."""

from __future__ import annotations

import pytest

from lakehouse.platform_files import package_folder, packages_root, platform_file
from lakehouse.project import project_root


def test_file_of_the_platform_is_found_in_a_checkout() -> None:
    assert packages_root() == project_root().resolve()
    assert platform_file("templates/project/copier.yml").is_file()
    assert platform_file("mwaa_dags/airflowignore").is_file()


def test_file_that_the_installation_lacks_is_an_error_with_its_path() -> None:
    with pytest.raises(FileNotFoundError, match="holds no templates/none"):
        platform_file("templates/none")


def test_package_that_is_not_installed_is_named() -> None:
    assert package_folder("lakehouse").name == "lakehouse"
    with pytest.raises(ModuleNotFoundError, match="no package no_such_package"):
        package_folder("no_such_package")
