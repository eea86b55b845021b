"""Checks of Glue jobs, Athena workgroups, bucket policies and secrets."""

from __future__ import annotations

import json
import re

from lake_check import LakeCheck, many, one

_JOB = "aws_glue_job"
_WORKGROUP = "aws_athena_workgroup"
_VERSION = "aws_secretsmanager_secret_version"
_SECRET_NAME = re.compile(r"(password|passwd|secret|token|api_?key|private_?key|credential)", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"AKIA[0-9A-Z]{16}|-----BEGIN|xox[abp]-|://[^/\s:]+:[^/\s@]+@")
# Values of an argument with a secret-like name that are no secret: the name or location of one.
_REFERENCES = re.compile(r"^(arn:|s3://|\$\{|true$|false$|$)")


def _arguments(conf: dict) -> dict:
    return {**(one(conf, "default_arguments") or {}), **(one(conf, "non_overridable_arguments") or {})}


def _no_secret(conf: dict) -> bool:
    for name, value in _arguments(conf).items():
        text = str(one(value))
        if _SECRET_VALUE.search(text) or (_SECRET_NAME.search(name) and not _REFERENCES.match(text)):
            return False
    return True


def _stops(conf: dict) -> bool:
    """A batch job has a timeout: Glue's own is eight hours. A stream has none."""
    return one(conf, "command", "name") == "gluestreaming" or isinstance(one(conf, "timeout"), int)


def _cannot_change_dependencies(conf: dict) -> bool:
    modules = str(one(_arguments(conf).get("--additional-python-modules")))
    return modules == "None" or all(part.strip().startswith(("s3://", "${")) for part in modules.split(","))


def _limits(conf: dict) -> bool:
    settings = one(conf, "configuration") or {}
    return one(settings, "enforce_workgroup_configuration") is not False and bool(
        one(settings, "bytes_scanned_cutoff_per_query")
    )


def _engine(conf: dict) -> bool:
    return (
        one(conf, "configuration", "engine_version", "selected_engine_version") == "Athena engine version 3"
    )


def _only_tls(conf: dict) -> bool:
    policy = one(conf, "policy")
    document = json.loads(policy) if isinstance(policy, str) else policy
    return any(
        one(s, "Effect") == "Deny"
        and str(one(s, "Condition", "Bool", "aws:SecureTransport")).lower() == "false"
        and _covers_all(s)
        for s in many(document, "Statement")
    )


def _covers_all(statement: dict) -> bool:
    resources = many(statement, "Resource")
    return (
        "s3:*" in many(statement, "Action")
        and any(str(r).endswith("/*") for r in resources)
        and any(not str(r).endswith("*") for r in resources)
    )


def _secured(conf: dict) -> bool:
    return bool(one(conf, "security_configuration"))


def _no_secret_value(conf: dict) -> bool:
    return one(conf, "secret_string") is None and one(conf, "secret_binary") is None


CHECKS = [
    LakeCheck(14, "Glue jobs pin version 5.1", _JOB, lambda conf: one(conf, "glue_version") == "5.1"),
    LakeCheck(15, "Glue jobs have a security configuration", _JOB, _secured),
    LakeCheck(16, "Glue jobs carry no secret in an argument", _JOB, _no_secret),
    LakeCheck(17, "Glue jobs have a timeout", _JOB, _stops),
    LakeCheck(
        18, "Glue jobs install Python modules from our bucket alone", _JOB, _cannot_change_dependencies
    ),
    LakeCheck(19, "Athena workgroups limit what a query scans, and enforce it", _WORKGROUP, _limits),
    LakeCheck(20, "Athena workgroups pin engine 3, which reads Delta", _WORKGROUP, _engine),
    LakeCheck(21, "Bucket policies refuse what is not TLS", "aws_s3_bucket_policy", _only_tls),
    LakeCheck(22, "No secret value is in the stack or its state", _VERSION, _no_secret_value),
]
