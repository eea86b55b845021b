"""Fetches the jars of Spark and Kafka from Maven Central, once, into the project's cache."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lakehouse.project import Project
from local_aws.ivy import JarsError, retrieve

MARKER = "COORDINATES"
# SHA-256 and name of every jar, as `sha256sum` writes them.
DIGESTS = Path(__file__).parent / "jars.sha256"

# PySpark ships Spark, Scala and Hadoop's client. Each other jar is named: none is transitive.
SPARK = (
    "io.delta:delta-spark_2.12:3.3.2",
    "io.delta:delta-storage:3.3.2",
    "org.apache.hadoop:hadoop-aws:3.3.4",
    "com.amazonaws:aws-java-sdk-bundle:1.12.262",
    "org.wildfly.openssl:wildfly-openssl:1.0.7.Final",
    # 3.5.6 is not on every mirror of Central; 3.5.7 runs on Spark 3.5.6.
    "org.apache.spark:spark-sql-kafka-0-10_2.12:3.5.7",
    "org.apache.spark:spark-token-provider-kafka-0-10_2.12:3.5.7",
    "org.apache.kafka:kafka-clients:3.4.1",
    "org.apache.commons:commons-pool2:2.11.1",
    "org.postgresql:postgresql:42.7.8",
)
KAFKA = ("org.apache.kafka:kafka_2.13:3.9.1", "org.slf4j:slf4j-simple:1.7.36")


@dataclass(frozen=True)
class Jars:
    """Folders of jars, each with a marker that names its coordinates and files."""

    spark: Path
    kafka: Path


def ensure_jars(cache: Path | None = None) -> Jars:
    """Fetch missing jars into the cache, by default the project's. Takes milliseconds when none is missing.

    Raises `JarsError` or `JavaMissingError`.
    """
    cache = cache or Project.find().cache
    jars = Jars(cache / "jars" / "spark", cache / "jars" / "kafka")
    sets = [(jars.spark, SPARK, False), (jars.kafka, KAFKA, True)]
    missing = [item for item in sets if not is_whole(item[0], item[1])]
    if missing:
        # Two Ivy processes may share neither a cache nor its locks, so each set has its own.
        with ThreadPoolExecutor(len(missing)) as pool:
            list(pool.map(lambda item: _resolve(cache, *item), missing))
    return jars


def is_whole(folder: Path, coordinates: tuple[str, ...]) -> bool:
    """Whether the folder holds exactly the files of the coordinates. Its marker lists each with its size."""
    try:
        digest, *files = (folder / MARKER).read_text().splitlines()
    except (FileNotFoundError, ValueError):
        return False
    return digest == _digest(coordinates) and files == _listing(folder)


def _digest(coordinates: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(coordinates).encode()).hexdigest()


def _listing(folder: Path) -> list[str]:
    return sorted(f"{jar.name} {jar.stat().st_size}" for jar in folder.glob("*.jar"))


def _resolve(cache: Path, target: Path, coordinates: tuple[str, ...], transitive: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as temporary:
        workdir = Path(temporary)
        folder = workdir / "jars"
        folder.mkdir()
        retrieve(workdir, folder, cache / "ivy" / target.name, coordinates, transitive)
        check_digests(folder)
        (folder / MARKER).write_text("\n".join([_digest(coordinates), *_listing(folder)]))
        _swap(folder, target)


def check_digests(folder: Path) -> None:
    """Raises JarsError for each jar that is not, byte by byte, the one of jars.sha256."""
    lines = DIGESTS.read_text(encoding="ascii").splitlines()
    digests = {name: digest for digest, name in (line.split() for line in lines)}
    wrong = [
        jar.name
        for jar in sorted(folder.glob("*.jar"))
        if hashlib.sha256(jar.read_bytes()).hexdigest() != digests.get(jar.name)
    ]
    if wrong:
        raise JarsError(
            f"{', '.join(wrong)} from Maven Central differ from {DIGESTS.name}; a new version needs a new "
            "line there (`sha256sum`)"
        )


def _swap(folder: Path, target: Path) -> None:
    """Publish the folder by a rename. The loser of a race keeps the winner's folder."""
    if target.exists():
        old = folder.with_name("old")
        target.rename(old)
        shutil.rmtree(old)
    try:
        folder.rename(target)
    except OSError:
        if not target.is_dir():
            raise


def main() -> None:
    jars = ensure_jars()
    for folder in (jars.spark, jars.kafka):
        size = sum(jar.stat().st_size for jar in folder.glob("*.jar"))
        print(f"{folder.name}: {len(_listing(folder))} jars, {size / 1e6:.0f} MB")


if __name__ == "__main__":
    try:
        main()
    except (JarsError, RuntimeError) as error:
        sys.exit(str(error))
