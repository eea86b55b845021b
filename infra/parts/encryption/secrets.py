"""Secrets without values: people or a rotation fill them, so no value is in the stack or its state."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_policy import SecretsmanagerSecretPolicy
from cdktf_cdktf_provider_aws.secretsmanager_secret_rotation import SecretsmanagerSecretRotation

from infra.facts import Facts
from infra.parts.encryption.keys import Keys
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.stack import MASKING_SECRET, SUBJECT_SECRET

# The platform's own secrets: one masks personal data, one knows forgotten persons. Every other one opens a
# system.
PLATFORM_SECRETS = (MASKING_SECRET, SUBJECT_SECRET)


@dataclass(frozen=True)
class Secrets:
    """SecretsmanagerSecret by short name."""

    containers: dict[str, SecretsmanagerSecret]


def add_secrets(stack: PlatformStack, keys: Keys) -> Secrets:
    """An empty secret for each name that a job, a system or a channel of the environment uses."""
    return Secrets({name: _container(stack, keys, name) for name in declared_secrets(stack.facts)})


def declared_secrets(facts: Facts) -> tuple[str, ...]:
    """The short names of the secrets that jobs, systems and channels of this environment use."""
    env = facts.env
    named = {name for job in facts.jobs for name in job.secrets} | {
        env.snowflake.secret,
        env.redshift.secret,
        env.kafka.secret,
    }
    named |= {connection.secret for connection in env.stack.connections.values()}
    if env.stack.alerts.slack_secret:
        named.add(env.stack.alerts.slack_secret)
    if env.data_factory:
        named.add(env.data_factory.secret)
    return tuple(sorted({*named, *PLATFORM_SECRETS}))


def _container(stack: PlatformStack, keys: Keys, name: str) -> SecretsmanagerSecret:
    env = stack.env
    secret = SecretsmanagerSecret(
        stack,
        f"secret_{name}",
        name=names.secret(env, name),
        description=f"{name} of {env.project} in {env.name}",
        kms_key_id=keys.secrets.arn,
        # An unprotected environment is destroyed and made again, which needs the name at once.
        recovery_window_in_days=30 if env.stack.protect else 0,
        lifecycle=stack.keep,
    )
    SecretsmanagerSecretPolicy(
        stack,
        f"policy_secret_{name}",
        secret_arn=secret.arn,
        policy=json.dumps(_policy(env.account)),
        block_public_policy=True,
    )
    rotation = env.stack.rotation.get(name)
    if rotation:
        SecretsmanagerSecretRotation(
            stack,
            f"rotation_{name}",
            secret_id=secret.id,
            rotation_lambda_arn=rotation.lambda_arn,
            # A new secret has no value that could be rotated.
            rotate_immediately=False,
            rotation_rules={"automatically_after_days": rotation.days},
        )
    return secret


def _policy(account: str) -> dict[str, Any]:
    """Denies other accounts and connections without TLS. The policies of roles allow reading."""
    refused = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "secretsmanager:*", "Resource": "*"}
    only_account = {
        "StringNotEquals": {"aws:PrincipalAccount": account},
        # Secrets Manager itself, which starts rotations, belongs to no account.
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "OnlyTls", **refused, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            {"Sid": "OnlyThisAccount", **refused, "Condition": only_account},
        ],
    }
