"""AWS Backup: jobs and recovery points, which moto lacks. They are executed by `local_aws.backups`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from local_aws.backups.backups import Backups, current
from local_aws.backups.model import BackupError, Job, RecoveryPoint
from local_aws.extensions.calls import ApiError, Call, Reply, path

_VAULT = "/backup-vaults/(?P<vault>[^/]+)/recovery-points"
_NOT_FOUND, _INVALID = "ResourceNotFoundException", "InvalidParameterValueException"
_PAGE = 1000
_KINDS = ("Aurora", "DynamoDB", "EBS", "EC2", "EFS", "RDS", "S3")
_settings: dict[tuple[str, str], dict[str, dict[str, bool]]] = {}
# Parameter of a query → the name of the value in a job or point.
_FILTERS = {
    "state": "State",
    "status": "Status",
    "resourceArn": "ResourceArn",
    "resourceType": "ResourceType",
    "backupVaultName": "BackupVaultName",
    "destinationVaultArn": "DestinationBackupVaultArn",
}


@path("backup", "GET", "/account-settings")
def region_settings(call: Call) -> dict[str, Any]:
    return _settings_of(call)


@path("backup", "PUT", "/account-settings")
def update_region_settings(call: Call) -> Reply:
    for name, values in _settings_of(call).items():
        values.update(call.params.get(name) or {})
    return Reply(200, {}, b"")


@path("backup", "PUT", "/backup-jobs")
def start_backup(call: Call) -> dict[str, Any] | None:
    params = call.params
    days = (params.get("Lifecycle") or {}).get("DeleteAfterDays")

    def start(backups: Backups) -> dict[str, Any]:
        job = backups.back_up(params["ResourceArn"], params["BackupVaultName"], params["IamRoleArn"], days)
        return _only(job, "BackupJobId", "RecoveryPointArn", "CreationDate")

    return _answered(start)


@path("backup", "PUT", "/copy-jobs")
def start_copy(call: Call) -> dict[str, Any] | None:
    params = call.params
    days = (params.get("Lifecycle") or {}).get("DeleteAfterDays")

    def start(backups: Backups) -> dict[str, Any]:
        point = backups.point(params["RecoveryPointArn"])
        job = backups.copy(point, params["DestinationBackupVaultArn"], params["IamRoleArn"], days)
        return _only(job, "CopyJobId", "CreationDate")

    return _answered(start)


@path("backup", "PUT", "/restore-jobs")
def start_restore(call: Call) -> dict[str, Any] | None:
    def start(backups: Backups) -> dict[str, Any]:
        point = backups.point(call.params["RecoveryPointArn"])
        if point.region != call.region:
            raise BackupError(f"Recovery point {point.arn} is in {point.region}")
        job = backups.restore(point, call.params.get("IamRoleArn", ""), call.params["Metadata"])
        return _only(job, "RestoreJobId")

    return _answered(start)


@path("backup", "GET", "/(?P<kind>backup|copy|restore)-jobs/")
def list_jobs(call: Call) -> dict[str, Any] | None:
    name = f"{call.path_values['kind'].capitalize()}Jobs"
    return _answered(lambda backups: _page(call, name, [job.described() for job in _jobs(backups, call)]))


@path("backup", "GET", "/(?P<kind>backup|copy|restore)-jobs/(?P<job>[^/]+)")
def describe_job(call: Call) -> dict[str, Any] | None:
    def described(backups: Backups) -> dict[str, Any]:
        name = call.path_values["job"]
        job = next((job for job in _jobs(backups, call) if job.id == name), None)
        if job is None:
            raise ApiError(_NOT_FOUND, f"Job {name} does not exist")
        # Only a copy job is wrapped.
        return {"CopyJob": job.described()} if call.path_values["kind"] == "copy" else job.described()

    return _answered(described)


@path("backup", "GET", f"{_VAULT}/?")
def list_of_vault(call: Call) -> dict[str, Any]:
    return _points(call, lambda point: point.vault == call.path_values["vault"])


@path("backup", "GET", "/resources/(?P<arn>.+)/recovery-points/?")
def list_of_resource(call: Call) -> dict[str, Any]:
    return _points(call, lambda point: point.resource == call.path_values["arn"])


@path("backup", "GET", f"{_VAULT}/(?P<arn>.+)")
def describe_point(call: Call) -> dict[str, Any] | None:
    return _answered(lambda backups: _of_vault(backups, call).described())


@path("backup", "DELETE", f"{_VAULT}/(?P<arn>.+)")
def delete_point(call: Call) -> Reply | None:
    backups = current()
    if backups is None:
        return None

    def delete(known: Backups) -> dict[str, Any]:
        known.forget(_of_vault(known, call))
        return {}

    _answered(delete)
    return Reply(200, {}, b"")


def _of_vault(backups: Backups, call: Call) -> RecoveryPoint:
    point = backups.point(call.path_values["arn"])
    if (point.region, point.vault) != (call.region, call.path_values["vault"]):
        raise BackupError(f"Recovery point {point.arn} does not exist")
    return point


def _points(call: Call, is_asked: Callable[[RecoveryPoint], bool]) -> dict[str, Any]:
    """Empty where nothing is executed: Terraform lists a vault before it deletes it."""
    backups = current()
    points = backups.points() if backups else []
    here = (p for p in points if (p.account, p.region) == (call.account, call.region) and is_asked(p))
    return _page(call, "RecoveryPoints", [point.described() for point in here])


def _jobs(backups: Backups, call: Call) -> list[Job]:
    """The jobs of one kind in the region, the newest first."""
    kinds = {"backup": backups.backup_jobs, "copy": backups.copy_jobs, "restore": backups.restore_jobs}
    jobs = kinds[call.path_values["kind"]]
    return [job for job in reversed(jobs) if (job.account, job.region) == (call.account, call.region)]


def _page(call: Call, name: str, rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Those that the query takes, in pages."""
    asked = {key: values[0] for key, values in call.query_values.items()}
    chosen = [row for row in rows if _is_taken(row, asked)]
    begin = int(asked.get("nextToken", 0))
    end = begin + min(int(asked.get("maxResults", _PAGE)), _PAGE)
    more = {"NextToken": str(end)} if end < len(chosen) else {}
    return {name: chosen[begin:end], **more}


def _is_taken(row: dict[str, Any], asked: dict[str, str]) -> bool:
    created = row["CreationDate"]
    return (
        all(row.get(_FILTERS[key]) == value for key, value in asked.items() if key in _FILTERS)
        and created > _moment(asked.get("createdAfter"), 0.0)
        and created < _moment(asked.get("createdBefore"), float("inf"))
    )


def _moment(text: str | None, otherwise: float) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else otherwise


def _only(job: Job, *names: str) -> dict[str, Any]:
    return {name: job.described()[name] for name in names}


def _settings_of(call: Call) -> dict[str, dict[str, bool]]:
    """Everything is switched on in a new account."""
    new = {
        "ResourceTypeOptInPreference": dict.fromkeys(_KINDS, True),
        "ResourceTypeManagementPreference": {"DynamoDB": True, "EFS": True},
    }
    return _settings.setdefault((call.account, call.region), new)


def _answered(answer: Callable[[Backups], dict[str, Any]]) -> dict[str, Any] | None:
    """The answer of an operation; None where nothing is executed."""
    backups = current()
    if backups is None:
        return None
    try:
        return answer(backups)
    except BackupError as error:
        code = _NOT_FOUND if "does not exist" in str(error) else _INVALID
        raise ApiError(code, str(error)) from error
