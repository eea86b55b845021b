"""Sessions of roles: whose keys a request is signed with, and all policies that concern the session."""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend

from local_aws.iam.decision import BOUNDARY, SESSION, Principal
from local_aws.iam.policy import Document, Identity, parsed


class UnknownKeyError(Exception):
    """A key of a session that does not exist, or whose role is gone."""


class Sessions:
    """The sessions of an account, by their access keys."""

    def __init__(self) -> None:
        self._by_key: dict[str, Any] = {}

    def principal(self, account: str, access_key: str) -> Principal:
        """The caller with the policies that its role has now. Raises UnknownKeyError."""
        session = self._session(account, access_key)
        roles: Any = get_backend("iam")[account]["aws"]
        role = next((r for r in list(roles.roles.values()) if r.arn == session.role_arn), None)
        if role is None:
            raise UnknownKeyError(access_key)
        inline = [parsed(name, text) for name, text in sorted(role.policies.items())]
        attached = [_managed(policy) for _, policy in sorted(role.managed_policies.items())]
        limits = {}
        if role.permissions_boundary_arn:
            limits[BOUNDARY] = _managed(roles.managed_policies[role.permissions_boundary_arn])
        if session.policy:
            limits[SESSION] = parsed("session", session.policy)
        identity = Identity(account, session.role_arn, session.arn)
        return Principal(identity, (*inline, *attached), limits)

    def _session(self, account: str, access_key: str) -> Any:
        if access_key not in self._by_key:
            backend: Any = get_backend("sts")[account]["aws"]
            self._by_key.update({session.access_key_id: session for session in backend.assumed_roles})
        if access_key not in self._by_key:
            raise UnknownKeyError(access_key)
        return self._by_key[access_key]


def _managed(policy: Any) -> Document:
    version = next(v for v in policy.versions if v.is_default)
    return parsed(policy.name, version.document)
