"""The arguments of a run: how Glue merges them, which ones it acts on, and what the script gets."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

# Glue acts on these before the script starts, and the script does not get them.
# https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
_FOR_GLUE_ALONE = (
    "--additional-python-modules",
    "--conf",
    "--debug",
    "--extra-files",
    "--extra-jars",
    "--extra-py-files",
    "--mode",
    "--python-modules-installer-option",
    "--scriptLocation",
)
_LOG_PREFIX = "/aws-glue/jobs"


@dataclass(frozen=True)
class RunArguments:
    """All arguments of a run, as Glue merges them."""

    values: Mapping[str, str]

    @classmethod
    def merged(
        cls, default: Mapping[str, str], run: Mapping[str, str], fixed: Mapping[str, str]
    ) -> RunArguments:
        """Those of the run replace the job's defaults; those that cannot be overridden replace both."""
        return cls({**default, **run, **fixed})

    def of(self, name: str) -> str:
        return self.values.get(name, "")

    def list_of(self, name: str) -> list[str]:
        """The parts of a value that commas separate."""
        return [part.strip() for part in self.of(name).split(",") if part.strip()]

    def is_on(self, name: str) -> bool:
        """Whether a switch such as `--enable-auto-scaling` is on. An empty value means that it is."""
        return name in self.values and self.values[name].lower() in ("", "true")

    @property
    def modules(self) -> list[str]:
        """What `--additional-python-modules` names: wheels, zips of wheels, requirements."""
        return self.list_of("--additional-python-modules")

    @property
    def installer_options(self) -> list[str]:
        return shlex.split(self.of("--python-modules-installer-option"))

    @property
    def formats(self) -> list[str]:
        """The table formats whose libraries Glue puts on the paths."""
        return self.list_of("--datalake-formats")

    @property
    def conf(self) -> dict[str, str]:
        """The settings of `--conf`: `a=1 --conf b=2`, with or without `--conf` before the first."""
        words = f"--conf {self.of('--conf')}".split(" --conf ") if self.of("--conf") else []
        pairs = [word.removeprefix("--conf ").strip().partition("=") for word in words]
        return {key.strip(): value.strip() for key, equals, value in pairs if equals}

    @property
    def output_group(self) -> str:
        return f"{self._log_prefix}/output"

    @property
    def error_group(self) -> str:
        return f"{self._log_prefix}/error"

    @property
    def continuous_group(self) -> str | None:
        """The group of the continuous log, when that is on."""
        if not self.is_on("--enable-continuous-cloudwatch-log"):
            return None
        return self.of("--continuous-log-logGroup") or f"{_LOG_PREFIX}/logs-v2"

    @property
    def _log_prefix(self) -> str:
        return (self.of("--custom-logGroup-prefix") or _LOG_PREFIX).rstrip("/")

    def stream(self, run_id: str) -> str:
        """The name of the run's log streams."""
        return f"{self.of('--custom-logStream-prefix')}{run_id}"

    def of_script(self, job_name: str, run_id: str) -> list[str]:
        """The script's own arguments, in the form that Glue passes: each key with its value."""
        glue_s = {"--JOB_NAME": job_name, "--JOB_RUN_ID": run_id}
        passed = {k: v for k, v in {**self.values, **glue_s}.items() if k not in _FOR_GLUE_ALONE}
        return [word for key, value in passed.items() for word in ((key, value) if value else (key,))]
