"""Descriptions of security group rules whose peer is a group or a prefix list."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule

_first = SecurityGroupRule.__init__


def _with_description(rule: Any, *arguments: Any, **named: Any) -> None:
    """Keep the description of a prefix list, which moto drops."""
    _first(rule, *arguments, **named)
    listed = named.get("prefix_list_id") or (arguments[7] if len(arguments) > 7 else None) or {}
    sources = (rule.ip_range, rule.source_group, listed)
    rule.stated_description = next(
        (source["Description"] for source in sources if source and source.get("Description")), None
    )


def _description(rule: Any) -> str | None:
    described: str | None = rule.ip_range.get("Description") or rule.stated_description
    return described


SecurityGroupRule.__init__ = _with_description  # type: ignore[method-assign,assignment]
SecurityGroupRule.description = property(_description)  # type: ignore[assignment,method-assign]
