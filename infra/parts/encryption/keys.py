"""The KMS keys: one for each group of data that the same people read."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.kms_key import KmsKey

from infra.constructs.key import key
from infra.parts.storage.named_access import only_named_on_raw_key
from infra.platform_stack import PlatformStack
from lakehouse.environments.names import Zone

RAW = (Zone.LANDING, Zone.BRONZE, Zone.QUARANTINE, Zone.CHECKPOINTS)
CURATED = (Zone.SILVER, Zone.GOLD)
PLATFORM = (Zone.ARTIFACTS, Zone.ATHENA)


@dataclass(frozen=True)
class Keys:
    """`raw` encrypts personal data; `curated` encrypts data without it."""

    raw: KmsKey
    curated: KmsKey
    platform: KmsKey
    state: KmsKey
    secrets: KmsKey
    messages: KmsKey
    raw_replica: KmsKey
    curated_replica: KmsKey

    def of(self, zone: Zone) -> KmsKey:
        """The key of a zone."""
        return self.raw if zone in RAW else self.curated if zone in CURATED else self.platform

    def replica_of(self, zone: Zone) -> KmsKey:
        """The key of a zone's copy in the second region."""
        return self.raw_replica if zone in RAW else self.curated_replica


def add_keys(stack: PlatformStack) -> Keys:
    """The keys of both regions."""
    region, account = stack.env.region, stack.env.account
    log_groups = f"arn:aws:logs:{region}:{account}:*"
    logs = {
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Resource": "*",
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
    }
    # EventBridge to a queue of dead letters, and AWS's own alerts to a topic.
    publishers = ["events", "cloudwatch", "sns", "budgets", "backup"]
    messages = {
        "Effect": "Allow",
        "Principal": {"Service": [f"{service}.amazonaws.com" for service in publishers]},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    raw = only_named_on_raw_key(stack.facts)
    raw_replica = only_named_on_raw_key(stack.facts, replica=True)
    return Keys(
        raw=key(stack, "raw", "landing, bronze, quarantine, checkpoints", services=raw),
        curated=key(stack, "curated", "silver and gold"),
        platform=key(stack, "platform", "artifacts, query results, logs", services={"CloudWatchLogs": logs}),
        state=key(stack, "state", "watermarks, audit, leases"),
        secrets=key(stack, "secrets", "secrets"),
        messages=key(stack, "messages", "alerts and queues", services={"Messengers": messages}),
        raw_replica=key(stack, "raw", "copies of bronze", services=raw_replica, replica=True),
        curated_replica=key(stack, "curated", "copies of silver and gold", replica=True),
    )
