"""The process of one run: its folder, its environment and its end."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.glue import child, spark
from local_aws.glue.arguments import RunArguments
from local_aws.glue.capacity import Share
from local_aws.glue.cloudwatch import last_lines
from local_aws.glue.host import GlueHost
from local_aws.glue.job_run import JobRun
from local_aws.glue.modules import installed, interpreter
from local_aws.glue.s3_files import download

# Of the platform's own variables a run gets only these: it must not find what this machine has.
_INHERITED = ("PATH", "LANG", "LC_ALL", "JAVA_TOOL_OPTIONS")
_KILL_SECONDS = 5
_TRACE = "Traceback (most recent call last)"
# Classes of exceptions need not be called errors: botocore.errorfactory.AccessDenied.
_EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*(: .*)?$")


@dataclass(frozen=True)
class RunProcess:
    """A process in a session of its own, which writes `output` and `error`."""

    process: subprocess.Popen[bytes]
    output: Path
    error: Path

    def stop(self) -> None:
        """End the process and its children: in order first, by force after some seconds."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, how)
            except ProcessLookupError:
                pass
            try:
                self.process.wait(_KILL_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        # What outlives the first process, such as Spark's Java.
        self.kill()

    def kill(self) -> None:
        """End the process and its children at once."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def error_message(self) -> str:
        """Why the process failed, in Glue's words: the exception of the script, or its exit code."""
        code = self.process.returncode
        if code < 0:
            return f"Command failed with exit code {128 - code}"
        lines = last_lines(self.error)
        traces = [number for number, line in enumerate(lines) if line.startswith(_TRACE)]
        after = lines[traces[-1] + 1 :] if traces else []
        exception = next((line for line in after if not line.startswith(" ")), "")
        return exception[:2000] if _EXCEPTION.match(exception) else f"SystemExit: {code}"


def start_script(
    host: GlueHost, run: JobRun, arguments: RunArguments, share: Share, keys: dict[str, str]
) -> RunProcess:
    """Start the run's script. Raises LaunchError when one of its files cannot be had."""
    folder = host.folders.runs / run.id
    for name in ("work", "tmp", "script", "glue", "jars", "python"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    s3 = host.client("s3", run.request.region, keys)
    script = download(s3, arguments.of("--scriptLocation") or run.request.script, folder / "script")
    jars = [download(s3, uri, folder / "jars") for uri in arguments.list_of("--extra-jars")]
    for uri in arguments.list_of("--extra-files"):
        download(s3, uri, folder / "work")
    variables = {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        **_python(host, s3, arguments, folder),
        **_aws(host, run, keys),
        "HOME": str(folder / "work"),
        "TMPDIR": str(folder / "tmp"),
        "TZ": "UTC",
        "JAVA_HOME": str(host.folders.java_home),
        "PYSPARK_SUBMIT_ARGS": spark.submit_arguments(host, arguments, share, folder, jars),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    program = variables["PYSPARK_PYTHON"]
    words = ["-s", str(script), *arguments.of_script(run.request.job_name, run.id)]
    return _spawn([program, *words], folder, variables)


def _spawn(command: Sequence[str], folder: Path, variables: dict[str, str]) -> RunProcess:
    output, error = folder / "output.log", folder / "error.log"
    with output.open("wb") as out, error.open("wb") as err:
        process = subprocess.Popen(
            [command[0], "-I", child.__file__, str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            cwd=folder / "work",
            env=variables,
            start_new_session=True,
        )
    return RunProcess(process, output, error)


def _python(host: GlueHost, s3: Any, arguments: RunArguments, folder: Path) -> dict[str, str]:
    """The Python of the run: files of the job first, then its modules (the last one wins), then Glue's."""
    files = [download(s3, uri, folder / "python") for uri in arguments.list_of("--extra-py-files")]
    options = arguments.installer_options
    modules = [installed(host.folders.modules, s3, name, options) for name in arguments.modules]
    homes = {name: _package(name) for name in spark.packages(arguments)}
    for name, home in homes.items():
        (folder / "glue" / name).symlink_to(home)
    # A module file is found by its folder, an archive by itself.
    archives = [str(file) for file in files if file.suffix != ".py"]
    path = [*archives, str(folder / "python"), *map(str, reversed(modules)), str(folder / "glue")]
    python = str(interpreter(host.folders.modules))
    return {
        "PYTHONPATH": ":".join(path),
        "PYTHONUNBUFFERED": "1",
        "PYSPARK_PYTHON": python,
        "PYSPARK_DRIVER_PYTHON": python,
        # Not the link: Java's archive of classes knows the jars by their own path.
        "SPARK_HOME": str(homes["pyspark"]),
    }


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"the embedded Glue needs the package {name}")
    return Path(spec.origin).parent


def _aws(host: GlueHost, run: JobRun, keys: dict[str, str]) -> dict[str, str]:
    """How the AWS clients of the run reach the embedded AWS, by the variables that every SDK reads."""
    return {
        **{name.upper(): value for name, value in keys.items()},
        "AWS_ENDPOINT_URL": host.endpoint,
        "AWS_REGION": run.request.region,
        "AWS_DEFAULT_REGION": run.request.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "*",
        "no_proxy": "*",
    }
