"""One KMS key for each group of things that are read by the same people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.constructs.key import key
from infra.platform_stack import PlatformStack
from lakehouse.environments.names import Zone

RAW = (Zone.LANDING, Zone.BRONZE, Zone.QUARANTINE, Zone.CHECKPOINTS)
CURATED = (Zone.SILVER, Zone.GOLD)
PLATFORM = (Zone.ARTIFACTS, Zone.ATHENA)


@dataclass(frozen=True)
class Keys:
    """`raw` may show personal data, `curated` may not. Each is a KmsKey."""

    raw: Any
    curated: Any
    platform: Any
    state: Any
    secrets: Any
    messages: Any
    raw_replica: Any
    curated_replica: Any

    def of(self, zone: Zone) -> Any:
        return self.raw if zone in RAW else self.curated if zone in CURATED else self.platform

    def replica_of(self, zone: Zone) -> Any:
        return self.raw_replica if zone in RAW else self.curated_replica


def add_keys(stack: PlatformStack) -> Keys:
    region, account = stack.env.region, stack.env.account
    logs = {
        "Effect": "Allow", "Principal": {"Service": f"logs.{region}.amazonaws.com"}, "Resource": "*",
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account}:*"}},
    }  # fmt: skip
    messages = {
        "Effect": "Allow", "Principal": {"Service": ["events.amazonaws.com", "cloudwatch.amazonaws.com", "sns.amazonaws.com", "budgets.amazonaws.com"]},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }  # fmt: skip
    return Keys(
        raw=key(stack, "raw", "landing, bronze, error lanes, checkpoints"),
        curated=key(stack, "curated", "silver and gold"),
        platform=key(stack, "platform", "artifacts, query results, logs", services={"CloudWatchLogs": logs}),
        state=key(stack, "state", "watermarks, audit, leases"),
        secrets=key(stack, "secrets", "secrets"),
        messages=key(stack, "messages", "alerts and queues", services={"Messengers": messages}),
        raw_replica=key(stack, "raw", "copies of bronze", replica=True),
        curated_replica=key(stack, "curated", "copies of silver and gold", replica=True),
    )
