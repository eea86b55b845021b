"""The uses of KMS keys that a request causes: a service reads and writes what is encrypted in the caller's
name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from local_aws.iam.actions import Action
from local_aws.iam.owned import Account

ENCRYPT, DECRYPT = "kms:GenerateDataKey", "kms:Decrypt"
_S3_READS = frozenset({"s3:GetObject", "s3:GetObjectVersion"})

Uses = Iterator[tuple[str, str]]


def key_uses(account: Account, action: Action, method: str) -> list[Action]:
    """What the action needs of keys. `method` is the request's: HEAD reads no content."""
    service = action.name.partition(":")[0]
    uses = _USES.get(service)
    context = {
        "kms:viaservice": (f"{service}.{account.region}.amazonaws.com",),
        "kms:calleraccount": (account.id,),
    }
    matched = [] if uses is None or method == "HEAD" else list(uses(account, action))
    arns = [(name, account.key_arn(key)) for name, key in matched]
    return [Action(name, arn, context) for name, arn in arns if arn is not None]


def _s3(account: Account, action: Action) -> Uses:
    bucket_name, _, key = action.resource.removeprefix("arn:aws:s3:::").partition("/")
    bucket = account.buckets().get(bucket_name)
    if bucket is None:
        return
    if action.name in _S3_READS:
        stored = bucket.keys.get(key)
        if stored is not None and stored.encryption == "aws:kms" and stored.kms_key_id:
            yield DECRYPT, stored.kms_key_id
    elif action.name == "s3:PutObject" and bucket.encryption:
        default = bucket.encryption["Rule"]["ApplyServerSideEncryptionByDefault"]
        if default["SSEAlgorithm"] == "aws:kms" and "KMSMasterKeyID" in default:
            yield ENCRYPT, default["KMSMasterKeyID"]


def _dynamodb(account: Account, action: Action) -> Uses:
    table = account.table(action.resource.partition("/index/")[0])
    encryption = (table.sse_specification if table else None) or {}
    if encryption.get("Enabled") and action.name.endswith(("Item", "Query", "Scan")):
        yield DECRYPT, encryption["KMSMasterKeyId"]


def _secrets(account: Account, action: Action) -> Uses:
    secret = account.secret(action.resource)
    key = secret.kms_key_id if secret else None
    if key and not key.startswith("alias/aws/"):
        if action.name == "secretsmanager:GetSecretValue":
            yield DECRYPT, key
        elif action.name == "secretsmanager:PutSecretValue":
            yield from ((ENCRYPT, key), (DECRYPT, key))


def _sns(account: Account, action: Action) -> Uses:
    topic = account.backend("sns").topics.get(action.resource)
    if topic is not None and topic.kms_master_key_id and action.name.startswith("sns:Publish"):
        yield from ((ENCRYPT, topic.kms_master_key_id), (DECRYPT, topic.kms_master_key_id))


def _sqs(account: Account, action: Action) -> Uses:
    queue = account.backend("sqs").queues.get(action.resource.rpartition(":")[2])
    key = getattr(queue, "kms_master_key_id", None)
    if key and action.name.startswith("sqs:SendMessage"):
        yield from ((ENCRYPT, key), (DECRYPT, key))
    elif key and action.name == "sqs:ReceiveMessage":
        yield DECRYPT, key


_USES: dict[str, Callable[[Account, Action], Uses]] = {
    "dynamodb": _dynamodb,
    "s3": _s3,
    "secretsmanager": _secrets,
    "sns": _sns,
    "sqs": _sqs,
}
