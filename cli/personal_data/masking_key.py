"""The masking key in its secret: while it is rotated, the new key stands beside the old one."""

from __future__ import annotations

import json
import secrets as random
from dataclasses import dataclass, field

from glue_jobs.aws import clients
from glue_jobs.contract.mask import MIN_KEY, key_bytes
from glue_jobs.observability.secrets import NEXT_KEY, Secrets
from lakehouse.environments import Environment, names
from lakehouse.environments.stack import MASKING_SECRET

_VERSION, _NEXT_VERSION = "version", "next_version"


@dataclass(frozen=True)
class MaskingKey:
    """The key and its version, and the key that takes its place while a rotation is under way."""

    key: str = field(repr=False)
    version: int
    next_key: str = field(default="", repr=False)

    @property
    def next_version(self) -> int:
        return self.version + 1

    @classmethod
    def read(cls, env: Environment) -> MaskingKey:
        """Raises SecretError where there is none, and RunError (RUN071) for one that is too short."""
        fields = Secrets(env).get(MASKING_SECRET)
        key_bytes(fields.get("key", ""))
        return cls(fields["key"], int(fields.get(_VERSION, "1")), fields.get(NEXT_KEY, ""))

    def begin(self, env: Environment) -> MaskingKey:
        """Puts a new key beside the old one, unless one stands there. From then on no run masks."""
        if self.next_key:
            return self
        begun = MaskingKey(self.key, self.version, random.token_hex(MIN_KEY))
        begun._write(env)
        return begun

    def finish(self, env: Environment) -> MaskingKey:
        """The new key takes the old one's place. Secrets Manager keeps the old one as AWSPREVIOUS."""
        finished = MaskingKey(self.next_key, self.next_version)
        finished._write(env)
        return finished

    def _write(self, env: Environment) -> None:
        fields = {"key": self.key, _VERSION: str(self.version)}
        if self.next_key:
            fields |= {NEXT_KEY: self.next_key, _NEXT_VERSION: str(self.next_version)}
        manager = clients(env).secretsmanager
        manager.put_secret_value(SecretId=names.secret(env, MASKING_SECRET), SecretString=json.dumps(fields))
