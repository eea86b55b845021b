"""Terraform gets its provider from a mirror, the registry, or where the user's own configuration says."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.terraform import mirror


@pytest.mark.parametrize("depth", ["", "mirrors/", "a/b/"])
def test_a_mirror_of_providers_is_found_and_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: str
) -> None:
    program = (
        tmp_path
        / depth
        / "registry.terraform.io/hashicorp/aws/5.100.0"
        / mirror.platform_name()
        / "terraform-provider-aws_v5.100.0_x5"
    )
    program.parent.mkdir(parents=True)
    program.touch()
    assert mirror.find_mirror([str(tmp_path / "nothing"), str(tmp_path)]) == (tmp_path / depth).resolve()
    monkeypatch.setattr(mirror, "find_mirror", lambda: tmp_path)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "none.rc"))
    variables = mirror.provider_settings(tmp_path / "cache")
    assert f'filesystem_mirror {{ path = "{tmp_path}" }}' in Path(variables["TF_CLI_CONFIG_FILE"]).read_text()


def test_without_a_mirror_the_registry_is_used_and_its_answer_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "find_mirror", lambda: None)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "none.rc"))
    variables = mirror.provider_settings(tmp_path / "cache")
    assert (
        Path(variables["TF_CLI_CONFIG_FILE"]).read_text()
        == f'plugin_cache_dir = "{tmp_path / "cache" / "plugins"}"\n'
    )


def test_a_configuration_of_the_users_own_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user_rc = tmp_path / "own.rc"
    user_rc.write_text('provider_installation { network_mirror { url = "https://mirror.example/" } }\n')
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(user_rc))
    assert mirror.provider_settings(tmp_path / "cache") == {}
