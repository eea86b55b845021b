"""The rights of one job: statements of a policy that grant exactly what `job_needs` says the job needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from infra.facts import Facts
from infra.parts.jobs.base_policy import KeyArns, Statement, document, items_of, via_service
from lakehouse.environments import Environment, names
from lakehouse.environments.control import PART
from lakehouse.environments.names import Control, Zone
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_needs import JobNeeds, job_needs
from lakehouse.pipelines.job_prefixes import Prefix


def job_policy(facts: Facts, job: Job, keys: KeyArns) -> dict[str, Any]:
    """What one job may beside what all jobs may. IAM takes 10,240 characters, blanks not counted."""
    return document(JobAccess(facts, job_needs(job, facts.schemas, facts.env), keys).statements())


@dataclass(frozen=True)
class JobAccess:
    """The statements that grant the needs of one job."""

    facts: Facts
    needs: JobNeeds
    keys: KeyArns

    @property
    def env(self) -> Environment:
        return self.facts.env

    def statements(self) -> dict[str, Statement]:
        """Sid → statement; none where the job needs nothing of that kind."""
        return {
            **self._files(),
            **self._keys(),
            **self._control_items(),
            **self._secrets(),
            **self._unload(),
            **self._registers(),
            **self._databases(),
        }

    def _files(self) -> dict[str, Statement]:
        writes = self.needs.writes
        # Before Hadoop makes a folder it looks whether one above is a file.
        above = sorted(
            {
                (p.zone, str(parent))
                for p in writes
                for parent in PurePosixPath(p.path).parents
                if str(parent) != "."
            }
        )
        probed = [f"{self._bucket(zone)}/{path}" for zone, path in above]
        listed: dict[Zone, list[str]] = defaultdict(list)
        for prefix in (*self.needs.reads, *writes):
            listed[prefix.zone] += _below(prefix)
        for zone, path in above:
            listed[zone] += [path, f"{path}/"]
        actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        return {
            "Read": {"Action": "s3:GetObject", "Resource": [*self._objects(self.needs.reads), *probed]},
            "Write": {"Action": actions, "Resource": self._objects(writes)},
            **{f"List{zone.capitalize()}": self._list(zone, paths) for zone, paths in listed.items()},
        }

    def _bucket(self, zone: Zone) -> str:
        return f"arn:aws:s3:::{names.bucket(self.env, zone)}"

    def _objects(self, prefixes: Iterable[Prefix]) -> list[str]:
        return [f"{self._bucket(p.zone)}/{path}" for p in prefixes for path in _below(p)]

    def _list(self, zone: Zone, paths: list[str]) -> Statement:
        # IfExists: a request for one object has no prefix. For a missing one S3 must answer "not there",
        # which it
        # does for who may list, and not "forbidden".
        condition = {"StringLikeIfExists": {"s3:prefix": sorted(set(paths))}}
        return {"Action": "s3:ListBucket", "Resource": self._bucket(zone), "Condition": condition}

    def _keys(self) -> dict[str, Statement]:
        encrypt = ["kms:Encrypt", "kms:GenerateDataKey"]
        written = sorted({self.keys.of(p.zone) for p in self.needs.writes})
        only_read = sorted({self.keys.of(p.zone) for p in self.needs.reads} - set(written))
        statements = {}
        if only_read:
            statements["KeysRead"] = self._via(["kms:Decrypt"], only_read, "s3")
        statements["KeysWritten"] = self._via(["kms:Decrypt", "kms:GenerateDataKey"], written, "s3")
        if self.needs.secrets:
            statements["KeyOfSecrets"] = self._via(["kms:Decrypt"], [self.keys.secrets], "secretsmanager")
        if self.needs.registers:
            statements["KeyOfTables"] = self._via(encrypt, [self.keys.platform], "glue")
        return statements

    def _via(self, actions: list[str], keys: list[str], service: str) -> Statement:
        return via_service(self.facts, actions, keys, service)

    def _control_items(self) -> dict[str, Statement]:
        """The job's own watermarks and leases; those of the gates that a publish follows are read only."""
        keys = {
            "Watermarks": (Control.WATERMARKS, self.needs.watermarks),
            "Leases": (Control.LEASES, self.needs.leases),
        }
        splits = any(PART in key for key in self.needs.watermarks)
        deletes = {"Watermarks": ["dynamodb:DeleteItem"]} if splits else {}
        statements = {
            sid: {**items_of(self.facts, control, *deletes.get(sid, ())), "Condition": _of_keys(needed)}
            for sid, (control, needed) in keys.items()
            if needed
        }
        if self.needs.reads_watermarks:
            statements["WatermarksRead"] = {
                **items_of(self.facts, Control.WATERMARKS),
                "Action": ["dynamodb:GetItem"],
                "Condition": _of_keys(self.needs.reads_watermarks),
            }
        return statements

    def _secrets(self) -> dict[str, Statement]:
        # AWS ends the ARN of a secret with six characters of its own.
        arns = [
            self._arn("secretsmanager", f"secret:{names.secret(self.env, name)}-??????")
            for name in self.needs.secrets
        ]
        return {"Secrets": {"Action": "secretsmanager:GetSecretValue", "Resource": arns}} if arns else {}

    def _unload(self) -> dict[str, Statement]:
        """UNLOAD names the key of the bucket that it writes to."""
        redshift = self.env.redshift
        if redshift.transfer != "unload" or redshift.secret not in self.needs.secrets:
            return {}
        bucket = self._bucket(Zone.CHECKPOINTS)
        return {"KeyOfUnload": {"Action": "s3:GetEncryptionConfiguration", "Resource": bucket}}

    def _registers(self) -> dict[str, Statement]:
        """A job that registers brings tables up to date; the stack makes them."""
        tables = [t.split(".") for t in self.needs.registers]
        if not tables:
            return {}
        databases = sorted({self._database(layer) for layer, _ in tables})
        arns = [
            self._arn("glue", f"table/{names.database(self.env, layer)}/{name}") for layer, name in tables
        ]
        actions = ["glue:GetDatabase", "glue:GetTable", "glue:UpdateTable"]
        return {
            "Register": {"Action": actions, "Resource": [self._arn("glue", "catalog"), *databases, *arns]}
        }

    def _databases(self) -> dict[str, Statement]:
        """SQL that asks for a database finds it made by the stack; no job makes one."""
        databases = [self._database(layer) for layer in self.needs.databases]
        resources = [self._arn("glue", "catalog"), *databases]
        return {"Databases": {"Action": "glue:GetDatabase", "Resource": resources}} if databases else {}

    def _database(self, layer: str) -> str:
        return self._arn("glue", f"database/{names.database(self.env, layer)}")

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.env.region}:{self.env.account}:{resource}"


def _of_keys(needed: Sequence[str]) -> dict[str, Any]:
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(needed)}}


def _below(prefix: Prefix) -> list[str]:
    return [prefix.path, f"{prefix.path}/*"] if prefix.path else ["*"]
