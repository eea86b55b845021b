"""Tags of Glue's schema registries, which moto stores where it does not read them."""

from __future__ import annotations

from typing import Any

from moto.glue.models import FakeRegistry, GlueBackend

_first = FakeRegistry.__init__


def _init(
    registry: Any,
    backend: GlueBackend,
    registry_name: str,
    description: str | None = None,
    tags: dict[str, str] | None = None,
) -> None:
    _first(registry, backend, registry_name, description, tags)
    if tags:
        backend.tag_resource(registry.registry_arn, tags)


FakeRegistry.__init__ = _init  # type: ignore[method-assign,assignment]
