"""Whether an AWS service may take on a role: what the role's trust policy says."""

from __future__ import annotations

from local_aws.iam.patterns import many
from local_aws.iam.policy import Request, parsed

_ASSUME = "sts:AssumeRole"


def service_may_assume(trust: str, service: str, account: str, source_arn: str = "") -> bool:
    """`trust` is the policy's JSON, `service` a principal such as glue.amazonaws.com.

    `source_arn`: the resource on whose behalf the service asks, where it sends one.
    """
    context = {"aws:sourceaccount": (account,), "aws:securetransport": ("true",)}
    if source_arn:
        context["aws:sourcearn"] = (source_arn,)
    request = Request(_ASSUME, "*", context)
    effects = {
        statement.is_deny
        for statement in parsed("trust", trust).matching(request)
        if service in many((statement.body.get("Principal") or {}).get("Service", []))
    }
    return effects == {False}
