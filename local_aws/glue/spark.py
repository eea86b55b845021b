"""How Spark is started in a run: as Glue configures it, with what the job's arguments add."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from glue_jobs.session_settings import quiet_driver, s3a_settings
from lakehouse.environments.model import Aws
from local_aws.glue.arguments import RunArguments
from local_aws.glue.capacity import Share
from local_aws.glue.host import GlueHost

_DELTA = "delta"
# The names of the jars that Glue puts on the class path only for `--datalake-formats delta`.
_DELTA_JARS = ("delta-spark", "delta-storage")


def submit_arguments(
    host: GlueHost, arguments: RunArguments, share: Share, run_folder: Path, jars: Sequence[Path]
) -> str:
    """The value of PYSPARK_SUBMIT_ARGS: settings of Glue first, then those of the job, which win."""
    defaults = run_folder / "spark-defaults.conf"
    settings = _settings_of_glue(host, arguments, share, run_folder)
    defaults.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    words = ["--master", f"local[{share.cores}]", "--driver-memory", f"{share.memory_mb}m"]
    words += ["--properties-file", str(defaults)]
    if jars:
        words += ["--jars", ",".join(map(str, jars))]
    # A run cannot leave the machine that it got.
    fixed = ("spark.master", "spark.driver.memory")
    for key, value in arguments.conf.items():
        words += ["--conf", f"{key}={value}"] if key not in fixed else []
    return shlex.join([*words, "pyspark-shell"])


def _settings_of_glue(
    host: GlueHost, arguments: RunArguments, share: Share, run_folder: Path
) -> Mapping[str, str]:
    s3a = s3a_settings(Aws(endpoint=host.endpoint))
    # The run's own session of its role, from the process's environment.
    s3a |= {
        "spark.hadoop.fs.s3a.aws.credentials.provider": (
            "com.amazonaws.auth.EnvironmentVariableCredentialsProvider"
        )
    }
    s3a = {key: value for key, value in s3a.items() if not key.endswith((".access.key", ".secret.key"))}
    return {
        **quiet_driver(host.folders.java_options),
        **s3a,
        "spark.sql.warehouse.dir": str(run_folder / "spark-warehouse"),
        "spark.default.parallelism": str(share.cores),
        "spark.sql.shuffle.partitions": str(2 * share.cores),
        "spark.driver.extraClassPath": _class_path(host.folders.spark_jars, arguments),
        **({"spark.driver.userClassPathFirst": "true"} if arguments.is_on("--user-jars-first") else {}),
    }


def _class_path(folder: Path, arguments: RunArguments) -> str:
    if _DELTA in arguments.formats:
        # As one entry: the archive of Java's classes fits only the class path that it was made with.
        return str(folder / "*")
    jars = [jar for jar in sorted(folder.glob("*.jar")) if not jar.name.startswith(_DELTA_JARS)]
    return ":".join(map(str, jars))


def packages(arguments: RunArguments) -> tuple[str, ...]:
    """The Python packages that come with Glue's Spark."""
    return ("pyspark", "py4j", *(["delta"] if _DELTA in arguments.formats else []))
