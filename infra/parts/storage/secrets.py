"""Containers of secrets. What is in them is put there by people or by a rotation, and never passes through here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_policy import SecretsmanagerSecretPolicy
from cdktf_cdktf_provider_aws.secretsmanager_secret_rotation import SecretsmanagerSecretRotation

from infra.facts import Facts
from infra.parts.storage.keys import Keys
from infra.platform_stack import PlatformStack
from lakehouse.environments import names

# The key that masks personal data is the platform's own; every other secret opens a system.
OWN = ("pii_key",)


@dataclass(frozen=True)
class Secrets:
    """SecretsmanagerSecret by short name."""

    containers: dict[str, Any]


def add_secrets(stack: PlatformStack, keys: Keys) -> Secrets:
    return Secrets({name: _container(stack, keys, name) for name in stated_secrets(stack.facts)})


def stated_secrets(facts: Facts) -> tuple[str, ...]:
    """Every secret that a job, a system or a channel of this environment names."""
    env = facts.env
    named = {name for job in facts.jobs for name in job.secrets} | {
        env.snowflake.secret,
        env.redshift.secret,
        env.kafka.secret,
    }
    named |= {connection.secret for connection in env.stack.connections.values()}
    if env.stack.alerts.slack_secret:
        named.add(env.stack.alerts.slack_secret)
    return tuple(sorted({*named, *OWN}))


def _container(stack: PlatformStack, keys: Keys, name: str) -> Any:
    env = stack.env
    made = SecretsmanagerSecret(
        stack,
        f"secret_{name}",
        name=names.secret(env, name),
        description=f"{name} of {env.project} in {env.name}",
        kms_key_id=keys.secrets.arn,
        # Where nothing is protected, the name must be free again at once.
        recovery_window_in_days=30 if env.stack.protect else 0,
        lifecycle=stack.keep,
    )
    SecretsmanagerSecretPolicy(
        stack,
        f"policy_secret_{name}",
        secret_arn=made.arn,
        policy=json.dumps(_policy(env.account)),
        block_public_policy=True,
    )
    rotation = env.stack.rotation.get(name)
    if rotation:
        SecretsmanagerSecretRotation(
            stack, f"rotation_{name}", secret_id=made.id, rotation_lambda_arn=rotation.lambda_arn,
            # A container is empty until somebody fills it: there is nothing to renew yet.
            rotate_immediately=False, rotation_rules={"automatically_after_days": rotation.days},
        )  # fmt: skip
    return made


def _policy(account: str) -> dict[str, Any]:
    """Who may read is said by the policies of roles; this says who may not, whatever those say."""
    refused = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "secretsmanager:*", "Resource": "*"}
    only_account = {
        "StringNotEquals": {"aws:PrincipalAccount": account},
        # Secrets Manager itself, when it starts a rotation, is of no account.
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "OnlyTls", **refused, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            {"Sid": "OnlyThisAccount", **refused, "Condition": only_account},
        ],
    }
