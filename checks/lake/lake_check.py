"""What the checks share. They run inside checkov, in its own environment, and know nothing of this project's code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class LakeCheck(BaseResourceCheck):
    """A rule over one resource. `rule` answers whether its configuration is as it should be."""

    def __init__(self, number: int, name: str, kind: str, rule: Callable[[dict[str, Any]], bool]) -> None:
        self._rule = rule
        super().__init__(
            name=name,
            id=f"CKV_LAKE_{number}",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=[kind],
        )

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        return CheckResult.PASSED if self._rule(conf) else CheckResult.FAILED


def one(conf: Any, *path: str) -> Any:
    """A single value: checkov wraps each one into lists, once or more. None when it is not stated."""
    value = _bare(conf)
    for name in path:
        value = _bare(value.get(name)) if isinstance(value, dict) else None
    return value


def many(conf: Any, name: str) -> list[Any]:
    """All values of a list or of repeated blocks, however deep they are wrapped."""
    found: list[Any] = []
    rest = [conf.get(name)]
    while rest:
        value = rest.pop()
        if isinstance(value, list):
            rest.extend(value)
        elif value is not None:
            found.append(value)
    return found[::-1]


def _bare(value: Any) -> Any:
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return None if value == [] else value
