"""Decides one request of a role within its own account.

An explicit denial wins. Otherwise the role's policies or the resource's policy must allow it, and what limits
the role (a permissions boundary, the policy of its session) must allow it too. A KMS key's policy decides
alone, unless it hands the decision to the account.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from local_aws.iam.policy import Document, Identity, Request, Statement

IDENTITY, RESOURCE = "identity-based policy", "resource-based policy"
BOUNDARY, SESSION = "permissions boundary", "session policy"


@dataclass(frozen=True)
class Principal:
    """A role's session with all its policies. `limits`: kind → the policy that limits the session."""

    identity: Identity
    policies: tuple[Document, ...]
    limits: dict[str, Document]


@dataclass(frozen=True)
class Decision:
    """`reason` ends AWS's message of a refusal; `grants` are the statements of the role that allow."""

    allowed: bool
    reason: str = ""
    grants: tuple[tuple[str, str], ...] = ()


def decide(
    principal: Principal, request: Request, resource_policy: Document | None = None, *, by_key: bool = False
) -> Decision:
    """`by_key`: the resource is a KMS key, whose policy must allow or hand on."""
    granted = [(document.name, s) for document in principal.policies for s in document.matching(request)]
    limits = {kind: list(document.matching(request)) for kind, document in principal.limits.items()}
    named = list(_naming(principal, request, resource_policy))
    for kind, statements in (
        (IDENTITY, [s for _, s in granted]),
        (RESOURCE, [s for _, s in named]),
        *limits.items(),
    ):
        if any(statement.is_deny for statement in statements):
            return Decision(False, f"with an explicit deny in {_article(kind)}")
    allowing = {how for how, _ in named}
    if "session" in allowing:
        return Decision(True)
    direct = bool(allowing & {"role", "all"})
    if by_key and not allowing:
        return _nothing_allows(RESOURCE, request)
    if not granted and not direct:
        return _nothing_allows(IDENTITY, request)
    for kind, statements in limits.items():
        # A boundary that does not mention what `Principal: *` allows does not take it away.
        if not statements and not (kind == BOUNDARY and "all" in allowing):
            return _nothing_allows(kind, request)
    return Decision(True, grants=tuple((name, statement.sid) for name, statement in granted))


def _naming(
    principal: Principal, request: Request, policy: Document | None
) -> Iterator[tuple[str, Statement]]:
    """The statements of the resource's policy that name the principal, with how they do."""
    for statement in policy.matching(request) if policy else ():
        how = statement.principal_of(principal.identity)
        if how is not None:
            yield how, statement


def _nothing_allows(kind: str, request: Request) -> Decision:
    return Decision(False, f"because no {kind} allows the {request.action} action")


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
