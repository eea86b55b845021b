"""The lock file of every stack pins the provider's version, and its hash where it has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.platform_stack import PROVIDER
from infra.terraform.provider_lock import LOCK_FILE, PLATFORMS, write_lock


def test_the_lock_is_for_the_provider_that_the_stack_asks_for() -> None:
    text = LOCK_FILE.read_text()
    assert f'constraints = "{PROVIDER}"' in text
    version = re.search(r'version     = "(\d+)\.(\d+)\.\d+"', text)
    assert version is not None
    assert f"~> {version[1]}.{version[2]}" == PROVIDER
    assert len(re.findall(r'"h1:[A-Za-z0-9+/]{43}="', text)) == len(PLATFORMS)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_platform_with_a_hash_gets_the_whole_lock(tmp_path: Path, platform: str) -> None:
    assert write_lock(tmp_path, platform).read_text() == LOCK_FILE.read_text()


def test_another_platform_is_pinned_to_the_same_version_without_a_hash(tmp_path: Path) -> None:
    text = write_lock(tmp_path, "darwin_arm64").read_text()
    assert 'version     = "5.100.0"' in text
    assert "h1:" not in text
