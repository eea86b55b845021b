"""The modules, archives, jars and files that a job's arguments name reach its script, and no others do."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_aws.glue.job_run import FAILED, SUCCEEDED
from local_aws.glue.modules import installed, interpreter
from local_aws.glue.s3_files import LaunchError
from tests.local_aws.glue.conftest import Scripts
from tests.local_aws.glue.wheels import wheel, zip_of_wheels, zipped

OPTIONS = {"--python-modules-installer-option": "--no-index --no-deps"}
COLOUR = "import {0}\nprint({0}.COLOUR, {0}.__file__)\n"


def _put(scripts: Scripts, name: str, raw: bytes) -> str:
    scripts.s3.put_object(Bucket=scripts.bucket, Key=f"lib/{name}", Body=raw)
    return f"s3://{scripts.bucket}/lib/{name}"


def test_wheels_of_a_zip_and_a_wheel_of_its_own_are_installed(scripts: Scripts) -> None:
    zipped_wheels = zip_of_wheels(wheel("blue", "1.0", "COLOUR = 1"), wheel("red", "1.0", "COLOUR = 2"))
    modules = [
        _put(scripts, "dependencies.gluewheels.zip", zipped_wheels),
        _put(scripts, *wheel("green", "2.0", "COLOUR = 3")),
    ]
    run = scripts.run(
        "import blue, red, green\nprint(blue.COLOUR, red.COLOUR, green.COLOUR, green.__file__)\n",
        default_arguments={"--additional-python-modules": ",".join(modules), **OPTIONS},
    )
    assert run.state == SUCCEEDED, run.error
    *colours, file = scripts.output(run)[0].split()
    assert colours == ["1", "2", "3"]
    assert Path(file).is_relative_to(scripts.host.folders.modules)


def test_a_later_module_replaces_an_earlier_one(scripts: Scripts) -> None:
    old = _put(scripts, *wheel("blue", "1.0", "COLOUR = 1"))
    new = _put(scripts, *wheel("blue", "1.1", "COLOUR = 2"))
    arguments = {"--additional-python-modules": f"{old},{new}", **OPTIONS}
    assert scripts.output(scripts.run(COLOUR.format("blue"), default_arguments=arguments))[0][0] == "2"


def test_new_bytes_under_an_old_key_are_installed_anew(scripts: Scripts, tmp_path: Path) -> None:
    folders = []
    for number in (1, 2, 2):
        uri = _put(scripts, *wheel("blue", "1.0", f"COLOUR = {number}"))
        folders.append(installed(tmp_path / "modules", scripts.s3, uri, ["--no-index"]))
    assert [(folder / "blue.py").read_text() for folder in folders] == ["COLOUR = 1", *["COLOUR = 2"] * 2]
    assert folders[1] == folders[2]


def test_python_archives_and_files_are_importable(scripts: Scripts) -> None:
    uris = [
        _put(scripts, "pack.zip", zipped({"blue.py": "COLOUR = 1"})),
        _put(scripts, "red.py", b"COLOUR = 2"),
    ]
    files = {"--extra-py-files": ", ".join(uris)}
    run = scripts.run("import blue, red\nprint(blue.COLOUR, red.COLOUR)\n", default_arguments=files)
    assert scripts.output(run) == ["1 2"]


def test_pinned_wheel_that_the_zip_lacks_fails_the_run(scripts: Scripts) -> None:
    raw = zipped({"wheels/requirements.txt": "blue==1.0\n"})
    uri = _put(scripts, "broken.gluewheels.zip", raw)
    arguments = {"--additional-python-modules": uri, **OPTIONS}
    run = scripts.run("print(1)", default_arguments=arguments)
    assert run.state == FAILED
    assert "Python modules cannot be installed" in run.error
    assert "blue" in run.error


@pytest.mark.parametrize(
    ("module", "message"), [("s3://{bucket}/none.whl", "none.whl"), ("s3://{bucket}", "Invalid S3 URI")]
)
def test_module_that_is_not_on_s3_fails_the_run(
    scripts: Scripts, tmp_path: Path, module: str, message: str
) -> None:
    with pytest.raises(LaunchError, match=message):
        installed(tmp_path, scripts.s3, module.format(bucket=scripts.bucket), [])


def test_python_of_a_run_has_no_package_of_its_own(scripts: Scripts, tmp_path: Path) -> None:
    python = interpreter(tmp_path)
    assert python == interpreter(tmp_path)
    assert list(python.parent.parent.glob("lib/python*/site-packages/*")) == []
