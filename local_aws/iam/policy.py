"""Policy documents: which of their statements concern a request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from local_aws.iam.conditions import UnknownOperatorError, hold
from local_aws.iam.patterns import Context, any_holds, any_like, like_arn, many

DENY = "Deny"


@dataclass(frozen=True)
class Request:
    """One action on one resource. `context`: condition key in lower case → its values."""

    action: str
    resource: str
    context: Context


@dataclass(frozen=True)
class Identity:
    """Who calls: a session of a role."""

    account: str
    role_arn: str
    session_arn: str


@dataclass(frozen=True)
class Statement:
    """A statement of a policy as its document has it."""

    body: Mapping[str, Any]
    number: int

    @property
    def is_deny(self) -> bool:
        return bool(self.body["Effect"] == DENY)

    @property
    def sid(self) -> str:
        """Its Sid, or its place in the document."""
        return str(self.body.get("Sid") or f"#{self.number}")

    def concerns(self, request: Request) -> bool:
        """Whether action, resource and conditions fit. A denial whose condition nobody knows always fits."""
        if not (self._names_action(request.action) and self._names_resource(request)):
            return False
        try:
            return hold(self.body.get("Condition", {}), request.context)
        except UnknownOperatorError:
            return self.is_deny

    def _names_action(self, action: str) -> bool:
        if "NotAction" in self.body:
            return not any_like(self.body["NotAction"], action)
        return any_like(self.body["Action"], action)

    def _names_resource(self, request: Request) -> bool:
        # Policies of roles' trust have no resource.
        patterns = many(self.body.get("NotResource", self.body.get("Resource", "*")))
        negated = "NotResource" in self.body
        return any_holds(like_arn, patterns, request.resource, request.context, negated=negated)

    def principal_of(self, identity: Identity) -> str | None:
        """How the statement of a resource's policy names the caller: session, role, all, or account."""
        if "NotPrincipal" in self.body:
            named = _names_of(self.body["NotPrincipal"])
            others = named.isdisjoint({"*", identity.role_arn, identity.session_arn})
            return "all" if others else None
        names = _names_of(self.body.get("Principal"))
        root = f"arn:aws:iam::{identity.account}:root"
        kinds = (
            ("session", {identity.session_arn}),
            ("role", {identity.role_arn}),
            ("all", {"*"}),
            ("account", {identity.account, root}),
        )
        return next((kind for kind, accepted in kinds if names & accepted), None)


@dataclass(frozen=True)
class Document:
    """`name` says which policy it is, in messages."""

    name: str
    statements: tuple[Statement, ...]

    def matching(self, request: Request) -> Iterator[Statement]:
        return (statement for statement in self.statements if statement.concerns(request))


@lru_cache(4096)
def parsed(name: str, text: str) -> Document:
    """The document of a policy's JSON."""
    body = json.loads(text)
    statements = enumerate(many(body.get("Statement", [])), start=1)
    return Document(name, tuple(Statement(statement, number) for number, statement in statements))


def _names_of(principal: Any) -> set[str]:
    """ARNs and accounts of a `Principal`. AWS's services and federated users are no roles."""
    if principal is None:
        return set()
    return {"*"} if principal == "*" else set(many(principal.get("AWS", [])))
