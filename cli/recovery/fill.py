"""Fills a new stack from the copies and the restored state of the environment whose region is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_objects
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import Environment, names
from lakehouse.environments.names import REPLICATED, Zone

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectTypeDef

_THREADS = 16
_LOG = "/_delta_log/"


@dataclass(frozen=True)
class Filling:
    """What a zone's bucket lacks: objects of the copy that are missing, of another size, or older there."""

    zone: Zone
    source: str
    target: str
    objects: tuple[tuple[str, int], ...]

    @property
    def size(self) -> int:
        return sum(size for _, size in self.objects)


def fillings(env: Environment, lost: Environment) -> list[Filling]:
    """What the buckets of `env` lack of the copies of `lost`, which lie in the region of `env`."""
    return [_filling(env, lost, zone) for zone in REPLICATED]


def _filling(env: Environment, lost: Environment, zone: Zone) -> Filling:
    source, target = names.replica_bucket(lost, zone), names.bucket(env, zone)
    s3 = clients(env).s3
    there = {item["Key"]: item for item in list_objects(s3, S3Uri(target))}
    lacking = tuple(
        (item["Key"], item["Size"])
        for item in list_objects(s3, S3Uri(source))
        if not _is_there(item, there.get(item["Key"]))
    )
    return Filling(zone, source, target, lacking)


def _is_there(source: ObjectTypeDef, target: ObjectTypeDef | None) -> bool:
    return (
        target is not None
        and target["Size"] == source["Size"]
        and target["LastModified"] >= source["LastModified"]
    )


def fill(env: Environment, filling: Filling) -> None:
    """Copies inside of S3: the files of tables before their logs, so that no log names an absent file."""
    s3 = clients(env).s3

    def copied(key: str) -> None:
        s3.copy({"Bucket": filling.source, "Key": key}, filling.target, key)

    with ThreadPoolExecutor(_THREADS) as threads:
        for keys in _waves(key for key, _ in filling.objects):
            for _ in threads.map(copied, keys):
                pass


def fill_watermarks(env: Environment, lost: Environment) -> list[str]:
    """Gives `env` the watermarks of `lost` that it lacks; a pending batch is planned anew. Their keys."""
    here = lost.model_copy(update={"region": env.region, "aws": env.aws, "overlay": env.overlay})
    watermarks = Watermarks(env)
    there = {state.key for state in watermarks.list()}
    missing = [state for state in Watermarks(here).list() if state.key not in there]
    for state in missing:
        watermarks.open(state.key).restore(state.position, state.batch)
    return [state.key for state in missing]


def _waves(keys: Iterable[str]) -> Iterator[list[str]]:
    plain: list[str] = []
    logs: list[str] = []
    for key in keys:
        (logs if _LOG in key else plain).append(key)
    yield from (plain, logs)
