"""The base of the platform's checks.

They run inside checkov's own environment and import nothing of the platform.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class LakeCheck(BaseResourceCheck):
    """A check of one type of resource. `rule` answers whether a resource passes."""

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
    """The single value at a path, out of the lists that checkov wraps around it; None when it is missing."""
    value = _unwrapped(conf)
    for name in path:
        value = _unwrapped(value.get(name)) if isinstance(value, dict) else None
    return value


def many(conf: Any, name: str) -> list[Any]:
    """All values of a list or of repeated blocks, out of the lists that checkov wraps around them."""
    values: list[Any] = []
    wrapped = [conf.get(name)]
    while wrapped:
        value = wrapped.pop()
        if isinstance(value, list):
            wrapped.extend(value)
        elif value is not None:
            values.append(value)
    return values[::-1]


def _unwrapped(value: Any) -> Any:
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return None if value == [] else value
