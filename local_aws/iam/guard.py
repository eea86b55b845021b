"""Lets a request of a role pass, or refuses it, before any service sees it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from local_aws.extensions.calls import Call, Reply
from local_aws.iam import deletions, refusals, s3_actions
from local_aws.iam.actions import Action, actions_of
from local_aws.iam.airflow_roles import by_role
from local_aws.iam.decision import Decision, Principal, decide
from local_aws.iam.key_use import key_uses
from local_aws.iam.owned import Account
from local_aws.iam.policy import Request, parsed
from local_aws.iam.record import Record
from local_aws.iam.sessions import Sessions, UnknownKeyError

# IAM allows it to everybody, even against a denial.
_ALWAYS = "sts:GetCallerIdentity"


@dataclass(frozen=True)
class Admission:
    """`refusal` answers a refused request. `refused_keys` of a deletion of many: key → message.

    `airflow_role`: the role of Airflow that a request to MWAA is made with.
    """

    refusal: Reply | None = None
    refused_keys: Mapping[str, str] = field(default_factory=dict)
    airflow_role: str = ""

    def call(self, call: Call | None) -> Call | None:
        """The request as it was admitted."""
        return replace(call, airflow_role=self.airflow_role) if call and self.airflow_role else call

    def body(self, body: bytes) -> bytes:
        """What is left of the request's body."""
        return deletions.without(body, self.refused_keys) if self.refused_keys else body

    def answer(self, body: bytes) -> bytes:
        """The body of the answer, with what was refused."""
        return deletions.with_errors(body, self.refused_keys) if self.refused_keys else body


_PASSED = Admission()


class Guard:
    """Decides requests. `record` is the file that notes which rights were used, and what was refused."""

    def __init__(self, record: Path | None = None) -> None:
        self._sessions = Sessions()
        self._record = Record(record)

    def admit(self, call: Call | None) -> Admission:
        """Decide a request. Those of the account's owner pass, and unsigned ones."""
        if call is None or not call.is_of_session:
            return _PASSED
        try:
            principal = self._sessions.principal(call.account, call.access_key)
        except UnknownKeyError:
            return Admission(refusals.unknown_key(call))
        account = Account(call.account, call.region)
        refused: dict[str, str] = {}
        airflow_role = ""
        for asked in actions_of(call):
            airflow_role, action = _as_airflow_role(principal, account, asked)
            message = self._refusal(principal, account, action, call)
            if message is None:
                continue
            if not s3_actions.is_deletion_of_many(call):
                return Admission(refusals.denied(call, message))
            refused[action.resource.partition("/")[2]] = message
        if not refused:
            return Admission(airflow_role=airflow_role) if airflow_role else _PASSED
        if len(refused) == len(s3_actions.deleted_keys(call)):
            return Admission(Reply(200, {"Content-Type": "application/xml"}, deletions.only_errors(refused)))
        return Admission(refused_keys=refused)

    def refusal(self, account: str, region: str, access_key: str, action: Action) -> str | None:
        """Why an action of a session is refused that AWS takes without a request; None when it is allowed."""
        principal = self._sessions.principal(account, access_key)
        return self._judged(principal, Account(account, region), action)

    def _refusal(self, principal: Principal, account: Account, action: Action, call: Call) -> str | None:
        """Why an action, or a use of a key that it causes, is refused; None when it is allowed."""
        if action.name == _ALWAYS:
            return None
        for needed in (action, *key_uses(account, action, call.method)):
            if (message := self._judged(principal, account, needed)) is not None:
                return message
        return None

    def _judged(self, principal: Principal, account: Account, action: Action) -> str | None:
        decision, role = _decided(principal, account, action), principal.identity.role_arn
        if decision.allowed:
            self._record.allowed(role, action, decision)
            return None
        message = refusals.message(principal.identity.session_arn, action, decision.reason)
        self._record.refused(role, action, message)
        return message


def _as_airflow_role(principal: Principal, account: Account, action: Action) -> tuple[str, Action]:
    """The strongest role of Airflow that IAM allows the caller, and the action with it.

    The weakest where it allows none, and the action itself where Airflow has no part in it.
    """
    as_roles = list(by_role(action))
    allowed = (pair for pair in as_roles if _decided(principal, account, pair[1]).allowed)
    return next(allowed, as_roles[-1] if as_roles else ("", action))


def _decided(principal: Principal, account: Account, action: Action) -> Decision:
    policy = account.policy_of(action.resource)
    request = Request(action.name, action.resource, {**_context(principal, account), **action.context})
    return decide(
        principal,
        request,
        None if policy is None else parsed("resource", policy),
        by_key=action.name.startswith("kms:") and action.resource.startswith("arn:aws:kms:"),
    )


def _context(principal: Principal, account: Account) -> dict[str, tuple[str, ...]]:
    """The condition keys that every request has. The endpoint stands for one with TLS."""
    now = datetime.now(UTC)
    return {
        "aws:principalarn": (principal.identity.role_arn,),
        "aws:principalaccount": (account.id,),
        "aws:principaltype": ("AssumedRole",),
        "aws:principalisawsservice": ("false",),
        "aws:resourceaccount": (account.id,),
        "aws:requestedregion": (account.region,),
        "aws:securetransport": ("true",),
        "aws:sourceip": ("127.0.0.1",),
        "aws:viaawsservice": ("false",),
        "aws:currenttime": (now.strftime("%Y-%m-%dT%H:%M:%SZ"),),
        "aws:epochtime": (str(int(time.time())),),
    }


_current: list[Guard] = []


def decide_by(guard: Guard) -> None:
    """Let this process's services ask the guard for what they do in a caller's name."""
    _current[:] = [guard]


def refusal(call: Call, action: Action) -> str | None:
    """Why the caller may not do what a service does in its name; None when it may."""
    if not call.is_of_session or not _current:
        return None
    return _current[0].refusal(call.account, call.region, call.access_key, action)
