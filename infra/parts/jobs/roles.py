"""A role for each job: it may read exactly the tables and secrets that its row names, and write exactly its
own.
"""

from __future__ import annotations

import json
from typing import Any

from cdktf import TerraformResource
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment

from infra.parts.jobs.base_policy import KeyArns
from infra.parts.jobs.job_access import job_policy
from infra.parts.jobs.policy_parts import policy_parts
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.pipelines import Job


def job_role(
    stack: PlatformStack, job: Job, keys: KeyArns, base: IamPolicy
) -> tuple[IamRole, list[TerraformResource]]:
    """The role, and what must be attached to it before a run."""
    env = stack.env
    trust = {
        "Sid": "Glue",
        "Effect": "Allow",
        "Principal": {"Service": "glue.amazonaws.com"},
        # No condition: no page says that Glue sends aws:SourceAccount, and only this account passes the role.
        "Action": "sts:AssumeRole",
    }
    role = IamRole(
        stack,
        f"role_job_{job.name}",
        name=names.job_role(env, job.name),
        assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        tags={"pipeline": job.pipeline, "owner": job.owner},
    )
    attached = IamRolePolicyAttachment(stack, f"base_job_{job.name}", role=role.name, policy_arn=base.arn)
    policy = job_policy(stack.facts, job, keys)
    if job.members:
        return role, [*_managed(stack, job, role, policy), attached]
    text = json.dumps(policy, separators=(",", ":"))
    inline = IamRolePolicy(stack, f"policy_job_{job.name}", name="job", role=role.id, policy=text)
    return role, [inline, attached]


def _managed(
    stack: PlatformStack, job: Job, role: IamRole, policy: dict[str, Any]
) -> list[TerraformResource]:
    """The rights of a fused job: those of all its members are more than a role's own policy takes."""
    resources: list[TerraformResource] = []
    for number, part in enumerate(policy_parts(policy), 1):
        managed = IamPolicy(
            stack,
            f"policy_job_{job.name}_{number}",
            name=f"{names.job_role(stack.env, job.name)}-{number}",
            description=f"The rights of the jobs of pipeline {job.pipeline} together, part {number}",
            policy=json.dumps(part, separators=(",", ":")),
        )
        attachment = IamRolePolicyAttachment(
            stack, f"attached_job_{job.name}_{number}", role=role.name, policy_arn=managed.arn
        )
        resources += [managed, attachment]
    return resources
