"""What an account of the embedded AWS owns: ARNs, keys of encryption and policies of resources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend


@dataclass(frozen=True)
class Account:
    """One region of an account."""

    id: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.id}:{resource}"

    def backend(self, service: Any) -> Any:
        """moto's state of a service in this region."""
        return get_backend(service)[self.id][self.region]

    def buckets(self) -> dict[str, Any]:
        backend: Any = get_backend("s3")
        buckets: dict[str, Any] = backend[self.id]["aws"].buckets
        return buckets

    def secret(self, name: str) -> Any:
        """The secret of a name or an ARN; None when it does not exist."""
        secrets = self.backend("secretsmanager").secrets
        # Only indexing knows ARNs with and without AWS's six characters.
        return secrets[name] if name in secrets else None  # noqa: SIM401

    def secret_arn(self, name: str) -> str:
        secret = self.secret(name)
        if secret is not None:
            return str(secret.arn)
        return name if name.startswith("arn:") else self.arn("secretsmanager", f"secret:{name}")

    def table(self, name: str) -> Any:
        """A table of DynamoDB; None when it does not exist."""
        return self.backend("dynamodb").tables.get(name.rpartition("/")[2])

    def key(self, name: str) -> Any:
        """A key by its id, its ARN or its alias; None when it does not exist."""
        kms = self.backend("kms")
        try:
            return kms.keys.get(kms.any_id_to_key_id(name))
        except (KeyError, ValueError):
            return None

    def key_arn(self, name: str) -> str | None:
        key = self.key(name)
        return None if key is None else str(key.arn)

    def policy_of(self, resource: str) -> str | None:
        """The policy of a resource as JSON; None without one."""
        service, rest = resource.split(":", 5)[2::3] if resource.count(":") >= 5 else ("", "")
        read = _POLICIES.get(service)
        policy = read(self, resource, rest) if read else None
        return policy.decode() if isinstance(policy, bytes) else policy


def _bucket(account: Account, _arn: str, rest: str) -> Any:
    bucket = account.buckets().get(rest.partition("/")[0])
    return bucket and bucket.policy


def _key(account: Account, arn: str, _rest: str) -> Any:
    key = account.key(arn)
    return key and key.policy


def _secret(account: Account, arn: str, _rest: str) -> Any:
    secret = account.secret(arn)
    return secret and getattr(secret, "policy", None)


def _table(account: Account, arn: str, _rest: str) -> Any:
    policies = account.backend("dynamodb").resource_policies
    policy = policies.get(arn.partition("/index/")[0])
    return policy and policy.policy_doc


def _topic(account: Account, arn: str, _rest: str) -> Any:
    topic = account.backend("sns").topics.get(arn)
    return topic and topic.policy


def _queue(account: Account, _arn: str, rest: str) -> Any:
    queue = account.backend("sqs").queues.get(rest)
    return queue and queue.policy


_POLICIES = {
    "dynamodb": _table,
    "kms": _key,
    "s3": _bucket,
    "secretsmanager": _secret,
    "sns": _topic,
    "sqs": _queue,
}
