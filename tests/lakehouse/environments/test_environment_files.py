"""An environment is base.yml, its own file over it, and a running world's overlay over both; each fault names
the file that states it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lakehouse.environments import load_environment
from lakehouse.environments.reader import OVERLAY
from lakehouse.project import project_root
from lakehouse.reading.faults import Fault, FaultsError
from tests.project_marker import ENVIRONMENTS, mark


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(OVERLAY, raising=False)
    shutil.copytree(
        project_root() / "environments",
        tmp_path / "environments",
        ignore=shutil.ignore_patterns("*.py", "__pycache__"),
    )
    return mark(tmp_path)


def faults_of(name: str, root: Path) -> list[Fault]:
    with pytest.raises(FaultsError) as caught:
        load_environment(name, root)
    return caught.value.faults


def edit(root: Path, file: str, old: str, new: str) -> str:
    path = root / "environments" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    path.write_text(changed, encoding="utf-8")
    return changed


def line_of(text: str, mark: str) -> int:
    return text[: text.index(mark)].count("\n") + 1


@pytest.mark.parametrize(
    ("name", "workers", "monitoring"),
    [("local", 2, False), ("dev", 2, False), ("staging", 3, False), ("prod", 5, True)],
)
def test_each_environment_has_its_size_and_only_prod_is_monitored(
    name: str, workers: int, monitoring: bool, root: Path
) -> None:
    env = load_environment(name, root)
    assert (env.name, env.glue.workers, env.monitoring) == (name, workers, monitoring)


def test_timeouts_grow_with_the_environment(root: Path) -> None:
    assert [load_environment(n, root).glue.timeout_minutes for n in ("dev", "staging")] == [30, 60]
    assert load_environment("prod", root).glue.timeout_minutes >= 60


def test_a_secret_may_come_from_the_process_in_local_and_dev_only(root: Path) -> None:
    assert [n for n in ENVIRONMENTS if load_environment(n, root).local_secrets] == ["local", "dev"]


def test_an_environment_cannot_be_changed_once_it_is_read(root: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_environment("dev", root).glue.workers = 9  # type: ignore[misc]


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "at", "nearest"),
    [
        ("prod.yml", "monitoring: true", "monitorng: true", "LK101", "monitorng", "monitoring"),
        ("prod.yml", "workers: 5", "worker: 5", "LK101", "worker:", "workers"),
        ("prod.yml", "workers: 5", "workers: many", "LK103", "many", ""),
        ("prod.yml", "workers: 5", "workers: 1", "LK103", "workers: 1", ""),
        ("prod.yml", "workers: 5", "workers: 1_0", "LK103", "1_0", ""),
        ("prod.yml", "workers: 5", "workers: '5'", "LK103", "'5'", ""),
        ("base.yml", "flex: false", "flex: no", "LK103", "flex: no", ""),
        ("base.yml", "lease_seconds: ", "lease_seconds: true #", "LK103", "true #", ""),
        ("base.yml", "worker_type: G.1X", "worker_type: G.1x", "LK103", "G.1x", "G.1X"),
        ("base.yml", "flex: false", "flex: perhaps", "LK103", "perhaps", ""),
        ("base.yml", "region:", "project: other\nregion:", "LK101", "project:", ""),
        ("prod.yml", "name: prod", "name: prod\nname: dev", "LK005", "name: dev", ""),
        ("prod.yml", "name: prod", "name: [prod", "LK002", "account", ""),
    ],
)
def test_a_fault_is_reported_at_its_line_of_the_file_that_states_it(
    file: str, old: str, new: str, code: str, at: str, nearest: str, root: Path
) -> None:
    text = edit(root, file, old, new)
    (fault,) = [f for f in faults_of("prod", root) if f.code == code]
    assert (fault.file, fault.nearest) == (f"environments/{file}", nearest)
    assert fault.line in (line_of(text, at), line_of(text, at) + 1)


def test_a_fact_that_no_file_states_is_missing(root: Path) -> None:
    edit(root, "base.yml", "  max_offsets_per_trigger: 5000000\n", "")
    (fault,) = faults_of("prod", root)
    assert (fault.code, fault.file) == ("LK102", "environments/base.yml")
    assert "kafka.max_offsets_per_trigger" in fault.what


def test_a_name_that_no_file_states_is_missing_at_the_top_of_the_base(root: Path) -> None:
    edit(root, "prod.yml", "name: prod\n", "")
    (fault,) = faults_of("prod", root)
    base = (root / "environments" / "base.yml").read_text(encoding="utf-8")
    assert (fault.code, fault.file, fault.line) == (
        "LK102",
        "environments/base.yml",
        line_of(base, "product:"),
    )


def test_all_faults_of_both_files_are_reported_at_once(root: Path) -> None:
    edit(root, "base.yml", "flex: false", "flex: perhaps")
    edit(root, "prod.yml", "workers: 5", "workers: 1")
    assert {f.file for f in faults_of("prod", root)} == {"environments/base.yml", "environments/prod.yml"}


def test_an_unknown_environment_is_refused_with_the_nearest(root: Path) -> None:
    (fault,) = faults_of("pord", root)
    assert (fault.code, fault.value, fault.nearest) == ("LK110", "pord", "prod")


@pytest.mark.parametrize("name", ["", "../dev", "base", "DEV"])
def test_there_is_no_default_environment_and_no_way_to_another_file(name: str, root: Path) -> None:
    assert [f.code for f in faults_of(name, root)] == ["LK110"]


def overlay(root: Path, content: object) -> Path:
    file = root / "world.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_a_running_world_says_where_it_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OVERLAY, str(overlay(root, {"aws": {"endpoint": "http://127.0.0.1:1"}})))
    assert load_environment("local", root).aws.endpoint == "http://127.0.0.1:1"


def test_a_stray_variable_cannot_redirect_prod(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OVERLAY, str(overlay(root, {"aws": {"endpoint": "http://evil.example"}})))
    assert load_environment("prod", root).aws.endpoint is None


def test_a_fault_of_the_overlay_is_the_overlays(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OVERLAY, str(overlay(root, {"aws": {"endpont": "x"}})))
    (fault,) = faults_of("local", root)
    assert (fault.code, fault.file, fault.nearest) == ("LK101", "world.json", "endpoint")


@pytest.mark.parametrize("text", ["", "- name: dev\n", "dev\n"])
def test_a_file_without_keys_takes_the_place_of_no_fact(text: str, root: Path) -> None:
    (root / "environments/dev.yml").write_text(text, encoding="utf-8")
    (fault,) = faults_of("dev", root)
    assert (fault.code, fault.file) == ("LK103", "environments/dev.yml")
    assert fault.wanted == "keys with values, as `key: value`"
