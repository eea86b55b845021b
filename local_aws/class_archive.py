"""Archives of Java's loaded classes (AppCDS): with one, Spark and the Kafka broker start in half the time.

`python -m local_aws.class_archive_training` makes them. A missing archive is not used.
Java itself ignores one that does not fit its version, its class path or the jars in it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
from pathlib import Path

from local_aws.jars import MARKER, Jars
from local_aws.java import java

# A stale archive is no news for a user.
_QUIET = ("-Xlog:cds*=off", "-Xlog:cds*=off:stderr")


def archive_of(jars: Path) -> Path:
    """The archive of the program that runs on a folder of jars, for the Java and PySpark of this environment.

    Projects that share a cache have environments of their own, and an archive fits only its class path.
    """
    environment = hashlib.sha256(f"{java()} {_pyspark()}".encode()).hexdigest()[:8]
    return jars.with_name(f"{jars.name}-{environment}.jsa")


def base_archive(jars: Path) -> Path:
    """The archive of Java's own classes, on which the others build; a Java from a wheel comes without one."""
    return archive_of(jars.with_name("java"))


def make_base_archive(archive: Path) -> None:
    """Write the base archive. Archives on top of an older one become stale."""
    temporary = archive.with_suffix(".tmp")
    command = [str(java()), "-Xshare:dump", f"-XX:SharedArchiveFile={temporary}", "-Xlog:disable"]
    subprocess.run(command, check=True, capture_output=True)
    temporary.replace(archive)


def options(jars: Jars) -> dict[str, list[str]]:
    """Program (`kafka`, `spark`) → the JVM options that use its archive; none unless it is current."""
    folders = {"kafka": jars.kafka, "spark": jars.spark}
    return {
        # Java finds the base archive by the header of this one.
        program: [f"-XX:SharedArchiveFile={archive_of(folder)}", "-Xshare:auto", *_QUIET]
        for program, folder in folders.items()
        if is_current(folder)
    }


def training_options(base: Path, archive: Path) -> list[str]:
    """JVM options that write the archive at exit. The second compiler would take longer than the training."""
    dump = [f"-XX:SharedArchiveFile={base}", f"-XX:ArchiveClassesAtExit={archive}"]
    return [*dump, "-XX:TieredStopAtLevel=1", *_QUIET]


def is_current(jars: Path) -> bool:
    """Whether the archive is whole, and was made of today's Java and jars.

    Java looks at the jars itself, but crashes on an archive that was cut off.
    """
    key_file = _key_file(jars)
    return key_file.is_file() and archive_of(jars).is_file() and key_file.read_text() == _key(jars)


def publish(archive: Path, jars: Path) -> None:
    """Put a finished archive in place. The key makes it current."""
    _key_file(jars).unlink(missing_ok=True)
    archive.replace(archive_of(jars))
    write_key(jars)


def write_key(jars: Path) -> None:
    """Note that the archive is whole and fits."""
    _key_file(jars).write_text(_key(jars))


def _key_file(jars: Path) -> Path:
    return archive_of(jars).with_suffix(".key")


def _key(jars: Path) -> str:
    """Digest of the Java, Spark's own jars, the folder's, and the size of the archives."""
    parts = [java(), java().stat().st_mtime_ns, _pyspark(), jars, (jars / MARKER).read_text()]
    sizes = [file.stat().st_size for file in (archive_of(jars), base_archive(jars)) if file.is_file()]
    return hashlib.sha256("\n".join(map(str, [*parts, *sizes])).encode()).hexdigest()


def _pyspark() -> str:
    spec = importlib.util.find_spec("pyspark")
    return str(spec and spec.origin)
