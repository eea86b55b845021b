"""A Terraform that is missing or too old is refused with one clear error."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.terraform.error import ToolError
from infra.terraform.program import terraform


def test_terraform_that_is_missing_or_too_old_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "no-such-terraform")
    with pytest.raises(
        ToolError, match=r"RUN503 .no-such-terraform. is not on the PATH; expected Terraform 1\.11"
    ):
        terraform()
    old = tmp_path / "terraform"
    old.write_text('#!/bin/sh\necho \'{"terraform_version": "1.5.7"}\'\n')
    old.chmod(0o755)
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(old))
    with pytest.raises(ToolError, match=r"RUN503 .* is version 1\.5\.7"):
        terraform()
