"""The four programs of an Airflow on this machine, and the variables that join them."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from local_aws.airflow.folder import AirflowError
from local_aws.files import write_private
from local_aws.glue import child
from local_aws.glue.process import RunProcess

# The user of tokens of the command line, as the plugin knows it.
CLI = "cli"
# The role that a user of Airflow has; `Public` has none, which may nothing.
_ROLE_OF = {"Admin": "admin", "Op": "op", "User": "user", "Viewer": "viewer", "Public": "", CLI: "admin"}
# As long as a token of MWAA's command line is valid.
_CLI_TOKEN_SECONDS = "60"
# Airflow's own Python reads it, so that it cannot be imported here.
PLUGIN = Path(__file__).with_name("cli_plugin.py")
PROGRAMS = ("api-server", "scheduler", "dag-processor", "triggerer")
_INHERITED = ("PATH", "LANG", "LC_ALL")
_MIGRATION_SECONDS = 300
_REPARSE_SECONDS = "3600"


@dataclass(frozen=True)
class Programs:
    """`home` is Airflow's own folder, which a later start takes up; `binaries` holds its programs."""

    home: Path
    binaries: Path
    port: int = field(default_factory=lambda: _free_port())
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def base_variables(self, endpoint: str, region: str, keys: dict[str, str]) -> dict[str, str]:
        """How Airflow reaches the embedded AWS as its role, before options and the startup script."""
        return {
            **{name: os.environ[name] for name in _INHERITED if name in os.environ},
            **{name.upper(): value for name, value in keys.items()},
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": str(self.home),
            "NO_PROXY": "*",
            "no_proxy": "*",
            "TZ": "UTC",
        }

    def own_variables(self) -> dict[str, str]:
        """What MWAA itself decides: database, addresses, keys and who may log in."""
        passwords = self.home / "passwords.json"
        write_private(passwords, dict.fromkeys(_ROLE_OF, self.password))
        plugins = self.home / "plugins"
        plugins.mkdir(exist_ok=True)
        shutil.copy(PLUGIN, plugins)
        return {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.home / "dags"),
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "8",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
                f"{user}:{role}" for user, role in _ROLE_OF.items()
            ),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
            "AIRFLOW__API_AUTH__JWT_CLI_EXPIRATION_TIME": _CLI_TOKEN_SECONDS,
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
            # An idle laptop stays idle: what is triggered runs, and nothing by the hour.
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
            # The folder changes with a deploy alone, which starts Airflow anew.
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": _REPARSE_SECONDS,
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": _REPARSE_SECONDS,
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        }

    def migrate(self, variables: dict[str, str]) -> None:
        """Create Airflow's database, or bring it to this version. Raises AirflowError."""
        done = subprocess.run(
            [self.binaries / "airflow", "db", "migrate"],
            env=variables,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=_MIGRATION_SECONDS,
        )
        if done.returncode:
            raise AirflowError(f"airflow db migrate failed: {done.stderr.strip()[-300:]}")

    def start(self, variables: dict[str, str]) -> dict[str, RunProcess]:
        """Start the programs. Call it in a thread that lives as long as they: Linux ends them with it."""
        return {name: self._start(name, variables) for name in PROGRAMS}

    def _start(self, name: str, variables: dict[str, str]) -> RunProcess:
        log = self.home / f"{name}.log"
        command = [str(self.binaries / "airflow"), name]
        with log.open("ab") as output:
            process = subprocess.Popen(
                [str(self.binaries / "python"), "-I", child.__file__, str(os.getpid()), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.home,
                env=variables,
                start_new_session=True,
            )
        return RunProcess(process, log, log)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
