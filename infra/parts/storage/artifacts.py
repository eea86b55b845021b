"""What jobs, DAGs and functions run: a release that jobs fetch, the DAG folder, the functions' zips."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdktf import App, DataResource, LocalExecProvisioner, Precondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.s3_object import S3Object

from infra.build.dags import dag_entries
from infra.build.functions import function_names
from infra.build.make import FOLDER, MANIFEST
from infra.build.parts import AIRFLOW, DAGS_FOLDER, DAGS_PREFIX, function_path
from infra.build.release import KMS_KEY_VARIABLE, PYTHON_VARIABLE, engine_files, working_release
from infra.constructs.bucket import Bucket
from infra.parts.encryption.keys import Keys
from infra.parts.orchestration.airflow import DagFolder
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.digest import digest_of
from lakehouse.environments import Environment, jvm_logs, names
from lakehouse.environments.names import Zone
from lakehouse.environments.prefixes import CODE
from lakehouse.project import VARIABLE
from lakehouse.release import Release, bundle_key, engine_key, release_key

_EXECUTOR_LOGS = f"{CODE}/{jvm_logs.FILE}"


@dataclass(frozen=True)
class Artifacts:
    """URIs of what a Glue job fetches.

    `uploaded`: what the jobs wait for. `functions`: name → (path of the zip, its hash). `executor_logs`: how
    executors log.
    """

    wheel_uri: str
    dependencies_uri: str
    entrypoint_uri: str
    bundle_uri: str
    release_uri: str
    executor_logs_uri: str
    executor_logs: S3Object
    uploaded: DataResource
    dags: DagFolder
    functions: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class _Bucket:
    """The artifacts bucket, and the objects that Terraform uploads to it."""

    stack: PlatformStack
    keys: Keys
    storage: Storage

    def relative(self, path: str) -> str:
        """A file of the project from where Terraform runs.

        Relative, so that a plan is the same on every machine.
        """
        folder = Path(App.of(self.stack).outdir).resolve() / "stacks" / self.stack.node.id
        return Path(os.path.relpath(self.stack.facts.root / path, folder)).as_posix()

    def put(self, name: str, key: str, path: str, *also_built: str) -> S3Object:
        """An object that is uploaded again when the file's bytes change."""
        file = self.relative(path)
        return S3Object(
            self.stack,
            f"artifact_{name}",
            key=key,
            source=file,
            source_hash=hash_of(file, "filesha256"),
            lifecycle=require_files(file, *map(self.relative, also_built)),
            depends_on=[self._zone.versioning],
            **self._location,
        )

    def write(self, name: str, key: str, content: str) -> S3Object:
        """An object of a text that the stack knows, which is no part of a release."""
        return S3Object(
            self.stack,
            f"artifact_{name}",
            key=key,
            content=content,
            depends_on=[self._zone.versioning],
            **self._location,
        )

    def upload(self, name: str, digest: str) -> DataResource:
        """Runs the program that uploads `release` or `dags`, when the digest is another.

        Terraform knows the digest and not the objects: with the next release it would delete the last one,
        and nothing could be rolled back; and it asks AWS about each object in every plan.
        """
        command = f'"${PYTHON_VARIABLE}" -m cli.deploy.upload --env {self.stack.env.name} --{name} {digest}'
        variables = {VARIABLE: self.relative("."), KMS_KEY_VARIABLE: self.keys.platform.arn}
        return DataResource(
            self.stack,
            name,
            triggers_replace={name: digest},
            provisioners=[LocalExecProvisioner(type="local-exec", command=command, environment=variables)],
            depends_on=[self._zone.versioning, self._zone.policy],
        )

    @property
    def _zone(self) -> Bucket:
        return self.storage.zones[Zone.ARTIFACTS]

    @property
    def _location(self) -> dict[str, Any]:
        return {"bucket": self._zone.bucket.id, "kms_key_id": self.keys.platform.arn}


def add_artifacts(stack: PlatformStack, keys: Keys, storage: Storage) -> Artifacts:
    """The stack is synthesized without a build; a plan without one is refused."""
    bucket = _Bucket(stack, keys, storage)
    release = stack.facts.release or working_release(stack.facts.root)
    functions = {}
    for name in function_names():
        path = bucket.relative(f"{FOLDER}/{function_path(name)}")
        functions[name] = (path, hash_of(path, "filebase64sha256"))
    return Artifacts(
        **release_uris(stack.env, release),
        executor_logs_uri=f"{names.zone_uri(stack.env, Zone.ARTIFACTS)}/{_EXECUTOR_LOGS}",
        executor_logs=bucket.write("executor_logs", _EXECUTOR_LOGS, jvm_logs.log4j_properties()),
        uploaded=bucket.upload("release", release.digest),
        dags=_dags(bucket, stack),
        functions=functions,
    )


def release_uris(env: Environment, release: Release) -> dict[str, str]:
    """Where the files of a release are, by the names of Artifacts."""
    root = names.zone_uri(env, Zone.ARTIFACTS)
    wheel, dependencies, entrypoint = (
        f"{root}/{engine_key(release.engine, file)}" for file in engine_files(release)
    )
    return {
        "wheel_uri": wheel,
        "dependencies_uri": dependencies,
        "entrypoint_uri": entrypoint,
        "bundle_uri": f"{root}/{bundle_key(release.bundle)}",
        "release_uri": f"{root}/{release_key(release.digest)}",
    }


def _dags(bucket: _Bucket, stack: PlatformStack) -> DagFolder:
    built = f"{FOLDER}/{DAGS_FOLDER}"
    suffix = "-data-factory" if stack.env.data_factory else ""
    requirements_file = f"{built}/requirements-{stack.env.stack.airflow.version}{suffix}.txt"
    # The manifest is written last: an interrupted build must not pass for an empty DAG folder.
    requirements = bucket.put(
        "requirements", f"{AIRFLOW}/requirements.txt", requirements_file, f"{FOLDER}/{MANIFEST}"
    )
    startup = bucket.put("startup", f"{AIRFLOW}/startup.sh", f"{built}/startup.sh")
    uploaded = bucket.upload("dags", digest_of(dag_entries(stack.facts.root)))
    return DagFolder(DAGS_PREFIX, requirements, startup, uploaded)


def hash_of(path: str, function: str) -> str:
    """Terraform's own hash of a file at plan time.

    Some other text without the file, so that the precondition reports it.
    """
    return f'${{try({function}("{path}"), "not built")}}'


def require_files(*paths: str) -> TerraformResourceLifecycle:
    """Refuses a plan when one of the files is missing."""
    # A condition must name something of the stack; the folder that it is in will do.
    conditions = [
        Precondition(
            condition=f'${{fileexists("${{path.module}}/{path}")}}',
            error_message=f"{path} is not there: run `lakehouse build` first",
        )
        for path in paths
    ]
    return TerraformResourceLifecycle(precondition=conditions)
