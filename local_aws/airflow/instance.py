"""The Airflow of one environment: started at its first request, and ended with the platform."""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from local_aws.airflow.folder import AirflowError, bring_dags, require_installed, startup_variables
from local_aws.airflow.programs import CLI, Programs
from local_aws.airflow.settings import Settings
from local_aws.glue.host import GlueHost
from local_aws.glue.process import RunProcess
from local_aws.iam.assumption import AssumptionError, role_session
from local_aws.processes import last_line

log = logging.getLogger(__name__)
_SERVICE = "airflow-env.amazonaws.com"
_START_SECONDS = 300
_LOOK_SECONDS = 0.5
# InvokeRestApi itself gives a call ten seconds.
_CALL_SECONDS = 10
_UNAVAILABLE = 503
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Instance:
    """`folder` keeps Airflow's database from start to start, so that a deploy pauses and forgets nothing."""

    def __init__(self, host: GlueHost, settings: Settings, binaries: Path, folder: Path) -> None:
        self.settings = settings
        self._host = host
        self._programs = Programs(folder, binaries)
        self._processes: dict[str, RunProcess] = {}
        self._ready, self._stopped = threading.Event(), threading.Event()
        self._tokens: dict[str, str] = {}
        self.fault = ""
        self._thread = threading.Thread(target=self._run, name=settings.name, daemon=True)
        self._thread.start()

    @property
    def host_name(self) -> str:
        """Host and port of the web server."""
        return self._programs.url.rpartition("/")[2]

    def stop(self) -> None:
        """End all programs, and return when they have ended."""
        self._stopped.set()
        self._thread.join()

    def kill(self) -> None:
        """End all programs at once."""
        for process in list(self._processes.values()):
            process.kill()

    def token(self, role: str) -> str:
        """A token for the web server and its API, with a role of Airflow; empty while Airflow starts."""
        if self._ready.is_set() and role not in self._tokens:
            self._tokens[role] = self._log_in("/auth/token", role)
        return self._tokens.get(role, "")

    def cli_token(self) -> str:
        """A token for the command line, valid for a minute; empty while Airflow starts."""
        return self._log_in("/auth/token/cli", CLI) if self._ready.is_set() else ""

    def _log_in(self, path: str, user: str) -> str:
        body = json.dumps({"username": user, "password": self._programs.password}).encode()
        status, answer = self._send("POST", path, body, {})
        return str(answer["access_token"]) if status < 300 else ""

    def call(self, method: str, path: str, query: Mapping[str, Any], body: Any, role: str) -> tuple[int, Any]:
        """Status and answer of Airflow's API to a role; 503 while it starts and when it cannot."""
        if not self._ready.is_set():
            return _UNAVAILABLE, {"detail": self.fault or "Airflow starts", "starts": not self.fault}
        headers = {"Authorization": f"Bearer {self.token(role)}"}
        content = None if body is None else json.dumps(body).encode()
        return self._send(method, f"/api/v2{path}?{urlencode(query, doseq=True)}", content, headers)

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"{self._programs.url}{path}",
            body,
            {"Content-Type": "application/json", **headers},
            method=method,
        )
        try:
            with _opener.open(request, timeout=_CALL_SECONDS) as answer:
                return answer.status, _content(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _content(error.read())
        except OSError as error:
            return _UNAVAILABLE, {"detail": f"Airflow does not answer: {error}", "starts": False}

    def _run(self) -> None:
        try:
            self._processes = self._start()
            self._wait()
            self._ready.set()
            while not self._stopped.wait(_LOOK_SECONDS):
                self._require_alive()
        except (AirflowError, AssumptionError) as error:
            self.fault = str(error)
        except Exception as error:
            log.exception("Airflow of %s", self.settings.name)
            self.fault = f"{type(error).__name__}: {error}"
        finally:
            self._ready.clear()
            for process in self._processes.values():
                process.stop()

    def _start(self) -> dict[str, RunProcess]:
        settings, host, programs = self.settings, self._host, self._programs
        programs.home.mkdir(parents=True, exist_ok=True)
        programs.home.chmod(0o700)
        keys = role_session(
            host, settings.region, settings.role, _SERVICE, settings.name, source_arn=settings.arn
        )
        s3 = host.client("s3", settings.region, keys)
        require_installed(s3, settings, programs.binaries / "python")
        bring_dags(s3, settings, programs.home / "dags")
        variables = programs.base_variables(host.endpoint, settings.region, keys)
        variables = {**variables, **settings.option_variables(), "AIRFLOW_HOME": str(programs.home)}
        variables = startup_variables(s3, settings, programs.home, variables) | programs.own_variables()
        programs.migrate(variables)
        return programs.start(variables)

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and not self._stopped.wait(_LOOK_SECONDS):
            self._require_alive()
            status, _ = self._send("GET", "/api/v2/monitor/health", None, {})
            if status == 200:
                return
        raise AirflowError(f"Airflow has not started in {_START_SECONDS} s")

    def _require_alive(self) -> None:
        for name, process in self._processes.items():
            if process.process.poll() is not None:
                raise AirflowError(f"airflow {name} ended: {last_line(process.output)}")


def _content(body: bytes) -> Any:
    try:
        return json.loads(body) if body else {}
    except ValueError:
        return {"detail": body.decode(errors="replace")[:300]}
