"""Resources that pass the platform's checks, and for each check some that fail it.

The name of one that fails begins with the check's.
"""

from __future__ import annotations

import json
from typing import Any

Resources = dict[str, dict[str, dict[str, Any]]]

SETTINGS = {
    "admins": ["arn:aws:iam::1:role/d"],
    "create_database_default_permissions": [],
    "create_table_default_permissions": [],
}
GRANT = {
    "principal": "arn:aws:iam::123456789012:role/analyst",
    "permissions": ["SELECT"],
    "lf_tag_policy": {"resource_type": "TABLE"},
}
LOCATION = {"arn": "arn:aws:s3:::gold", "hybrid_access_enabled": False}
TABLE = {
    "name": "customers",
    "database_name": "lake_gold",
    "storage_descriptor": {"columns": [{"name": "id"}, {"name": "email_hash"}]},
}
TAGS = {
    "lf_tag": [{"key": "${aws_lakeformation_lf_tag.tag_pii.key}", "value": "masked"}],
    "table_with_columns": {
        "database_name": "${aws_glue_catalog_database.gold.name}",
        "name": "${aws_glue_catalog_table.it.name}",
        "column_names": ["email_hash"],
    },
}
LOGS = ("dag_processing_logs", "scheduler_logs", "task_logs", "webserver_logs", "worker_logs")
LOG = {"enabled": True, "log_level": "INFO"}
AIRFLOW = {
    "name": "lake",
    "webserver_access_mode": "PRIVATE_ONLY",
    "kms_key": "${aws_kms_key.k.arn}",
    "airflow_version": "3.2.1",
    "requirements_s3_path": "r.txt",
    "requirements_s3_object_version": "1",
    "startup_script_s3_path": "s.sh",
    "startup_script_s3_object_version": "2",
    "logging_configuration": dict.fromkeys(LOGS, LOG),
}
JOB = {
    "name": "j",
    "glue_version": "5.1",
    "security_configuration": "platform",
    "timeout": 60,
    "command": {"name": "glueetl", "script_location": "s3://b/run.py"},
    "default_arguments": {
        "--job": "j",
        "--additional-python-modules": "s3://b/a.whl,s3://b/d.zip",
        "--secret-arn": "arn:aws:secretsmanager:x",
    },
}
ENGINE = {"selected_engine_version": "Athena engine version 3"}
WORKGROUP = {
    "name": "w",
    "configuration": {
        "enforce_workgroup_configuration": True,
        "bytes_scanned_cutoff_per_query": 10_000_000,
        "engine_version": ENGINE,
    },
}
SECRET_VALUE = {"secret_id": "s", "secret_string": "hunter2"}


def tls(resource: list[str], effect: str = "Deny", secure: str = "false") -> dict[str, Any]:
    condition = {"Bool": {"aws:SecureTransport": secure}}
    statement = {
        "Effect": effect,
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": resource,
        "Condition": condition,
    }
    return {"bucket": "b", "policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


WHOLE_BUCKET = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
POLICY = tls(WHOLE_BUCKET)


def only(kind: str, base: dict[str, Any], **changes: Any) -> Resources:
    """One resource with some of its arguments changed; None removes one."""
    return {kind: {"it": {k: v for k, v in {**base, **changes}.items() if v is not None}}}


def _catalog(table: dict[str, Any], tags: dict[str, Any]) -> Resources:
    references = {
        "aws_glue_catalog_database": {"gold": {"name": "lake_gold"}},
        "aws_lakeformation_lf_tag": {"tag_pii": {"key": "pii"}},
    }
    return {
        **references,
        "aws_glue_catalog_table": {"it": table},
        "aws_lakeformation_resource_lf_tags": {"it": tags},
    }


def _settings(**changes: Any) -> Resources:
    return only("aws_lakeformation_data_lake_settings", SETTINGS, **changes)


def _grant(**changes: Any) -> Resources:
    return only("aws_lakeformation_permissions", GRANT, **changes)


def _airflow(**changes: Any) -> Resources:
    return only("aws_mwaa_environment", AIRFLOW, **changes)


def _job(**changes: Any) -> Resources:
    return only("aws_glue_job", JOB, **changes)


def _arguments(**changes: str) -> Resources:
    return _job(default_arguments={**JOB["default_arguments"], **changes})  # type: ignore[dict-item]


def _workgroup(**changes: Any) -> Resources:
    configuration: Any = WORKGROUP["configuration"]
    settings = {k: v for k, v in {**configuration, **changes}.items() if v is not None}
    return only("aws_athena_workgroup", WORKGROUP, configuration=settings)


GOOD: dict[str, Resources] = {
    "settings": _settings(),
    "grant": _grant(),
    "location": only("aws_lakeformation_resource", LOCATION),
    "table": _catalog(TABLE, TAGS),
    "table of no person": _catalog({**TABLE, "storage_descriptor": {"columns": [{"name": "id"}]}}, TAGS),
    "airflow": _airflow(),
    "job": _job(),
    "stream": _job(command={"name": "gluestreaming"}, timeout=None),
    "workgroup": _workgroup(),
    "policy": only("aws_s3_bucket_policy", POLICY),
    "secret filled by hand": only("aws_secretsmanager_secret_version", {"secret_id": "s"}),
}
_EVERYBODY = {"permissions": ["ALL"], "principal": "IAM_ALLOWED_PRINCIPALS"}
BAD: dict[str, Resources] = {
    "CKV_LAKE_1-tables": _settings(create_table_default_permissions=[_EVERYBODY]),
    "CKV_LAKE_1-databases": _settings(create_database_default_permissions=[_EVERYBODY]),
    "CKV_LAKE_1-not stated": _settings(create_table_default_permissions=None),
    "CKV_LAKE_2-allowed": _grant(principal="IAM_ALLOWED_PRINCIPALS"),
    "CKV_LAKE_2-account": _grant(principal="123456789012:IAMPrincipals"),
    "CKV_LAKE_3-hybrid": only("aws_lakeformation_resource", LOCATION, hybrid_access_enabled=True),
    "CKV_LAKE_4-no tag": _catalog({**TABLE, "storage_descriptor": {"columns": [{"name": "email"}]}}, TAGS),
    "CKV_LAKE_4-other tag": _catalog(TABLE, {**TAGS, "lf_tag": [{"key": "layer", "value": "gold"}]}),
    "CKV_LAKE_5-all": _grant(permissions=["DESCRIBE", "ALL"]),
    "CKV_LAKE_6-passed on": _grant(permissions_with_grant_option=["SELECT"]),
    "CKV_LAKE_7-any column": _grant(table_with_columns={"database_name": "d", "name": "t", "wildcard": True}),
    "CKV_LAKE_8-nobody": _settings(admins=[]),
    "CKV_LAKE_8-many": _settings(admins=["a", "b", "c", "d"]),
    "CKV_LAKE_9-public": _airflow(webserver_access_mode="PUBLIC_ONLY"),
    "CKV_LAKE_9-not stated": _airflow(webserver_access_mode=None),
    "CKV_LAKE_10-one off": _airflow(logging_configuration=dict.fromkeys(LOGS[1:], LOG)),
    "CKV_LAKE_11-aws key": _airflow(kms_key=None),
    "CKV_LAKE_12-newest": _airflow(airflow_version=None),
    "CKV_LAKE_13-newest object": _airflow(startup_script_s3_object_version=None),
    "CKV_LAKE_14-newest": _job(glue_version=None),
    "CKV_LAKE_14-other": _job(glue_version="4.0"),
    "CKV_LAKE_15-none": _job(security_configuration=None),
    "CKV_LAKE_16-by name": _arguments(**{"--db-password": "hunter2"}),
    "CKV_LAKE_16-by value": _arguments(**{"--url": "postgresql://user:hunter2@host/db"}),
    "CKV_LAKE_17-eight hours": _job(timeout=None),
    "CKV_LAKE_18-index": _arguments(**{"--additional-python-modules": "s3://b/a.whl,requests"}),
    "CKV_LAKE_19-no limit": _workgroup(bytes_scanned_cutoff_per_query=None),
    "CKV_LAKE_19-not enforced": _workgroup(enforce_workgroup_configuration=False),
    "CKV_LAKE_20-auto": _workgroup(engine_version=None),
    "CKV_LAKE_21-bucket alone": only("aws_s3_bucket_policy", tls(["arn:aws:s3:::b"])),
    "CKV_LAKE_21-allows": only("aws_s3_bucket_policy", tls(WHOLE_BUCKET, effect="Allow")),
    "CKV_LAKE_22-value": only("aws_secretsmanager_secret_version", SECRET_VALUE),
}


def stack_of(resources: Resources) -> dict[str, Any]:
    """The document that cdktf would write: each resource has the address that checkov shows."""
    named = {
        kind: {
            name: {**body, "//": {"metadata": {"path": f"stack/{name}", "uniqueId": name}}}
            for name, body in bodies.items()
        }
        for kind, bodies in resources.items()
    }
    return {
        "//": {"metadata": {"backend": "local", "stackName": "stack", "version": "0.21.0"}},
        "resource": named,
    }
