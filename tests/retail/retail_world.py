"""The retailer on a local platform of its own, run by the commands, and read by engines other than Spark."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import DeltaTable

from cli.tables.storage import storage_options
from glue_jobs.aws import clients
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from sample_data.load import load_sample
from sample_data.summary import Summary

ROOT = Path(__file__).resolve().parents[2]
GOLD = ("dim_customer", "dim_date", "dim_product", "fact_behavior", "fact_orders", "fact_sales")


@dataclass
class RetailWorld:
    """`overlay`: the file that LAKEHOUSE_OVERLAY names for this platform."""

    env: Environment
    overlay: Path

    def load(self, start: date, end: date, dirt: float = 0.0, sets: Sequence[str] = ("retail",)) -> Summary:
        return load_sample(self.env, start, end, dirt, sets=sets)

    def start(self, run_date: date, *what: str, disk: Path | None = None) -> subprocess.Popen[str]:
        """Start `lakehouse run` in a process group of its own.

        `disk` is Spark's only local folder, of one MiB.
        """
        small = (
            (
                "unshare",
                "-rm",
                "sh",
                "-c",
                'mount -t tmpfs -o size=1m tmpfs "$SPARK_LOCAL_DIRS" && exec "$@"',
                "sh",
            )
            if disk
            else ()
        )
        words = (
            "run",
            *(what or ("--pipeline", "retail")),
            "--env",
            "local",
            "--run-date",
            str(run_date),
            "--json",
        )
        return self.lakehouse(*words, before=small, **({"SPARK_LOCAL_DIRS": str(disk)} if disk else {}))

    def lakehouse(self, *words: str, before: tuple[str, ...] = (), **variables: str) -> subprocess.Popen[str]:
        """A command of the product in this platform."""
        environment = {
            **os.environ,
            "LAKEHOUSE_OVERLAY": str(self.overlay),
            "LAKEHOUSE_LOGS": str(self.logs),
            **variables,
        }
        return subprocess.Popen(
            [*before, sys.executable, "-m", "cli", *words],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def logs(self) -> Path:
        return self.overlay.parent / "run-logs"

    def run(self, run_date: date, *what: str, disk: Path | None = None) -> dict[str, dict[str, Any]]:
        """The outcome of each job, by its name."""
        process = self.start(run_date, *what, disk=disk)
        try:
            out, err = process.communicate(timeout=900)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        assert out, err[-3000:]
        return {row["job"]: {**row, "stderr": err} for row in json.loads(out)}

    def table(self, table: str) -> pl.DataFrame:
        """The table, read by delta-rs without Spark and Java."""
        stored = DeltaTable(names.table_uri(self.env, table), storage_options=storage_options(self.env))
        frame = pl.from_arrow(stored.to_pyarrow_table())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def gold(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every gold table, in one order."""
        return {name: sorted(self.table(f"gold.{name}").sort(pl.all()).rows(), key=repr) for name in GOLD}

    def primary_key(self, table: str) -> list[str]:
        return list(load_schemas().contracts[table].primary_key)


def share_key(one: RetailWorld, other: RetailWorld) -> None:
    """Each platform masks personal data by its own key; with the same key the masks are the same."""
    name = names.secret(one.env, "pii_key")
    value = clients(one.env).secretsmanager.get_secret_value(SecretId=name)["SecretString"]
    clients(other.env).secretsmanager.put_secret_value(SecretId=name, SecretString=value)
