"""Checks that managed Airflow is private, logged, encrypted by the platform's key, and of pinned versions."""

from __future__ import annotations

from lake_check import LakeCheck, one

_KIND = "aws_mwaa_environment"
_LOGS = ("dag_processing_logs", "scheduler_logs", "task_logs", "webserver_logs", "worker_logs")


def _all_logs(conf: dict) -> bool:
    return all(one(conf, "logging_configuration", name, "enabled") in (True, "true") for name in _LOGS)


def _pinned_files(conf: dict) -> bool:
    """Without an object version Airflow takes the newest object at its next restart."""
    named = [name for name in ("requirements", "startup_script", "plugins") if one(conf, f"{name}_s3_path")]
    return all(one(conf, f"{name}_s3_object_version") for name in named)


CHECKS = [
    LakeCheck(
        9,
        "Airflow's web server is private",
        _KIND,
        lambda conf: one(conf, "webserver_access_mode") == "PRIVATE_ONLY",
    ),
    LakeCheck(10, "Airflow writes all five logs", _KIND, _all_logs),
    LakeCheck(11, "Airflow is encrypted by a key of ours", _KIND, lambda conf: bool(one(conf, "kms_key"))),
    LakeCheck(12, "Airflow's version is pinned", _KIND, lambda conf: bool(one(conf, "airflow_version"))),
    LakeCheck(13, "Airflow's files are pinned by object version", _KIND, _pinned_files),
]
