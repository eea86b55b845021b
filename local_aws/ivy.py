"""Runs the Ivy that PySpark ships, which fetches jars from Maven Central."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from xml.sax.saxutils import quoteattr

from local_aws.java import java
from local_aws.trust import java_options

_SETTINGS = """<ivysettings>
  <settings defaultResolver="central"/>
  <resolvers><ibiblio name="central" m2compatible="true"/></resolvers>
</ivysettings>
"""


class JarsError(RuntimeError):
    """The jars could not be fetched."""


def retrieve(
    work: Path, folder: Path, ivy_cache: Path, coordinates: tuple[str, ...], transitive: bool
) -> None:
    """Fetches the jars of the coordinates into `folder`; `work` is an empty folder for Ivy's own files.

    `transitive`: with everything that they need. Raises `JarsError`.
    """
    (work / "ivysettings.xml").write_text(_SETTINGS)
    (work / "ivy.xml").write_text(_module(coordinates, transitive))
    options = {
        "-settings": work / "ivysettings.xml",
        "-cache": ivy_cache,
        "-ivy": work / "ivy.xml",
        "-confs": "default",
        "-retrieve": f"{folder}/[artifact]-[revision](-[classifier]).[ext]",
    }
    command = [
        str(java()),
        "-Xmx512m",
        f"-Divy.home={ivy_cache}",
        *java_options(work),
        "-jar",
        str(_ivy_jar()),
    ]
    command += [str(word) for option in options.items() for word in option]
    # JAVA_TOOL_OPTIONS is kept: it may name the machine's proxy or trust store.
    done = subprocess.run(
        [*command, "-types", "jar", "bundle", "-warn"],
        cwd=work,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or len(list(folder.glob("*.jar"))) < len(coordinates):
        reason = _reason(done.stdout, done.stderr)
        raise JarsError(f"cannot fetch {', '.join(coordinates)} from Maven Central: {reason}")


def _reason(output: str, errors: str) -> str:
    """Why Ivy failed, from what it printed."""
    reasons = [
        line.strip(" :\t")
        for line in (output + errors).splitlines()
        if "not found" in line or "ERROR" in line or "error" in line
    ]
    return "; ".join(reasons[:5]) or errors.strip()[-500:] or "Ivy gave no reason"


def _module(coordinates: tuple[str, ...], transitive: bool) -> str:
    parts, lines = "default" if transitive else "master", []
    for coordinate in coordinates:
        group, name, version = coordinate.split(":")
        lines.append(
            f"<dependency org={quoteattr(group)} name={quoteattr(name)} rev={quoteattr(version)} "
            f'transitive="{str(transitive).lower()}" conf="default->{parts}"/>'
        )
    return f"""<ivy-module version="2.0"><info organisation="lakehouse" module="jars"/>
<configurations><conf name="default"/></configurations>
<dependencies>{"".join(lines)}</dependencies></ivy-module>"""


def _ivy_jar() -> Path:
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise JarsError("pyspark is not installed: install the project's 'spark' dependencies")
    jars = sorted((Path(spec.origin).parent / "jars").glob("ivy-*.jar"))
    if not jars:
        raise JarsError("this pyspark ships no Ivy")
    return jars[-1]
