"""What was built, uploaded: code and packages of the jobs, the DAG folder, and where the functions' zip files lie."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdktf import App, Precondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.s3_object import S3Object

from infra.build.functions import function_names
from infra.build.make import DAGS_FOLDER, DEPENDENCIES, ENTRYPOINT, FOLDER, MANIFEST, function_path
from infra.build.wheel import WHEEL
from infra.parts.orchestration.orchestration import DagFolder
from infra.parts.storage.keys import Keys
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Zone

CODE, AIRFLOW = "code", "airflow"


@dataclass(frozen=True)
class Artifacts:
    """URIs of what Glue fetches. `entrypoint`: the S3Object that the jobs wait for. `functions`: (path of the zip, its hash) by name."""

    wheel_uri: str
    dependencies_uri: str
    entrypoint_uri: str
    entrypoint: Any
    dags: DagFolder
    functions: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class _Shelf:
    """The bucket, and how a file of the tree is named where Terraform runs: relative, so that the plan is the same on every machine."""

    stack: PlatformStack
    keys: Keys
    storage: Storage

    def here(self, path: str) -> str:
        folder = Path(App.of(self.stack).outdir).resolve() / "stacks" / self.stack.node.id
        return Path(os.path.relpath(self.stack.facts.root / path, folder)).as_posix()

    def put(self, name: str, key: str, path: str, *also: str) -> Any:
        """An object that is uploaded again when the file's bytes change. `also`: what else must have been built."""
        file = self.here(path)
        there = built(file, *map(self.here, also))
        return S3Object(
            self.stack, f"artifact_{name}", key=key, source=file, source_hash=hash_of(file, "filesha256"), lifecycle=there, **self._place
        )  # fmt: skip

    def put_all(self, name: str, prefix: str, path: str, first: Any) -> Any:
        """Every file below a folder. After `first`, without which there is no folder: it must not be taken for an empty one."""
        folder = self.here(path)
        one = f"{folder}/${{each.value}}"
        made = S3Object(
            self.stack, f"artifact_{name}", key=f"{prefix}/${{each.value}}", source=one, source_hash=f'${{filesha256("{folder}/${{each.value}}")}}',
            depends_on=[first], **{k: v for k, v in self._place.items() if k != "depends_on"},
        )  # fmt: skip
        made.add_override("for_each", f'${{fileset("{folder}", "**")}}')
        return made

    @property
    def _place(self) -> dict[str, Any]:
        bucket = self.storage.zones[Zone.ARTIFACTS]
        # Without versions MWAA cannot be told which file it should take.
        return {
            "bucket": bucket.bucket.id,
            "kms_key_id": self.keys.platform.arn,
            "depends_on": [bucket.versioning],
        }


def add_artifacts(stack: PlatformStack, keys: Keys, storage: Storage) -> Artifacts:
    """Nothing needs to be built to make the stack; a plan needs it, and says so."""
    shelf = _Shelf(stack, keys, storage)
    uri = names.zone_uri(stack.env, Zone.ARTIFACTS)
    # The manifest comes last: a build that was broken off must not pass for an empty DAG folder.
    first = shelf.put("wheel", f"{CODE}/{WHEEL}", f"{FOLDER}/engine/{WHEEL}", f"{FOLDER}/{MANIFEST}")
    shelf.put("dependencies", f"{CODE}/{DEPENDENCIES}", f"{FOLDER}/engine/{DEPENDENCIES}")
    entrypoint = shelf.put("entrypoint", f"{CODE}/{ENTRYPOINT}", f"{FOLDER}/engine/{ENTRYPOINT}")
    functions = {}
    for name in function_names():
        path = shelf.here(f"{FOLDER}/{function_path(name)}")
        functions[name] = (path, hash_of(path, "filebase64sha256"))
    return Artifacts(
        f"{uri}/{CODE}/{WHEEL}",
        f"{uri}/{CODE}/{DEPENDENCIES}",
        f"{uri}/{CODE}/{ENTRYPOINT}",
        entrypoint,
        _dags(shelf, stack, first),
        functions,
    )


def _dags(shelf: _Shelf, stack: PlatformStack, first: Any) -> DagFolder:
    prefix = f"{AIRFLOW}/dags"
    shelf.put_all("dags", prefix, f"{FOLDER}/{DAGS_FOLDER}", first)
    version = stack.env.stack.airflow.version
    requirements = shelf.put(
        "requirements", f"{AIRFLOW}/requirements.txt", f"{FOLDER}/{DAGS_FOLDER}/requirements-{version}.txt"
    )
    startup = shelf.put("startup", f"{AIRFLOW}/startup.sh", f"{FOLDER}/{DAGS_FOLDER}/startup.sh")
    return DagFolder(prefix, requirements, startup)


def hash_of(path: str, function: str) -> str:
    """Terraform's own hash of a file, at plan time; a text that is no hash where there is no file, so that the check below is what speaks."""
    return f'${{try({function}("{path}"), "not built")}}'


def built(*paths: str) -> TerraformResourceLifecycle:
    """Refuses a plan when one of the files is not there."""
    return TerraformResourceLifecycle(
        # A condition must name something of the stack; the folder that it is in will do.
        precondition=[
            Precondition(
                condition=f'${{fileexists("${{path.module}}/{path}")}}',
                error_message=f"{path} is not there: run `lakehouse build` first",
            )
            for path in paths
        ]
    )
