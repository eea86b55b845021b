"""Runs Terraform on a synthesized stack, shows its output, and ends with one clear error when it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cli.deploy.deploy_target import child_environment
from cli.deploy.terraform_errors import failure, interrupted
from cli.deploy.terraform_screen import TerraformScreen
from infra.build.release import PYTHON_VARIABLE
from infra.terraform.mirror import provider_settings
from infra.terraform.program import terraform
from infra.terraform.provider_lock import write_lock
from lakehouse.environments.model import Environment
from lakehouse.project import Project

# A new backend is always the one that the facts name: there is no state to move from an older one.
_INIT = ("init", "-reconfigure", "-lockfile=readonly", "-no-color")
# With Terraform's own 10 at a time a stack of 640 small resources takes five minutes.
_PARALLEL = "-parallelism=30"
_OPTIONS = {"plan": (_PARALLEL,), "apply": (_PARALLEL,), "destroy": (_PARALLEL,), "import": ()}
# Terraform asks nothing, sends nothing anywhere, and proposes no command of its own to go on with.
_SETTINGS = {"TF_INPUT": "0", "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}


def run_terraform(stack: Path, env: Environment, *commands: Sequence[str], whole: bool = False) -> None:
    """`terraform init`, then each of `commands`, in the folder of a synthesized stack.

    A command is a verb, its options and arguments, such as `("plan", "-out=FILE")`. The screen shows a
    summary of its output, or the `whole`; a log in .local/logs has all of it.

    Raises ToolError: RUN503 without Terraform, RUN504 without its provider, RUN506 when the state is locked,
    RUN511 when a resource exists already, RUN508 for every other error and after an interrupt.
    """
    write_lock(stack)
    _run(stack, env, _INIT)
    for command in commands:
        # Verbs of the state print a line or two, which is what they were asked for.
        of_state = command[0] not in _OPTIONS
        with TerraformScreen(command[0], env.name, whole=whole or of_state) as screen:
            _run(stack, env, _with_options(command, colors=whole), screen)


def plan_as_json(stack: Path, env: Environment, plan: Path) -> str:
    """A saved plan as JSON. The folder is initialised by the run that made the plan. Raises ToolError."""
    return _run(stack, env, ("show", "-json", str(plan)))


def _with_options(command: Sequence[str], *, colors: bool) -> list[str]:
    verb, *arguments = command
    if verb not in _OPTIONS:
        return list(command)
    plain = () if colors and sys.stdout.isatty() else ("-no-color",)
    return [verb, *_OPTIONS[verb], *plain, *arguments]


def _run(stack: Path, env: Environment, command: Sequence[str], screen: TerraformScreen | None = None) -> str:
    """Everything that Terraform printed."""
    cache = Project.find().cache / "terraform"
    cache.mkdir(parents=True, exist_ok=True)
    name = f"terraform {command[0]}"
    # In a session of its own: the terminal's Ctrl-C reaches this process alone, which passes it on.
    with subprocess.Popen(
        [str(terraform()), f"-chdir={stack}", *command],
        env={
            **child_environment(env),
            **provider_settings(cache),
            **_SETTINGS,
            PYTHON_VARIABLE: sys.executable,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        output, was_interrupted = _stream_output(process, screen)
    if was_interrupted:
        raise interrupted(name, env)
    if process.returncode:
        raise failure(name, env, output, shown=screen is not None)
    return output


def _stream_output(process: subprocess.Popen[str], screen: TerraformScreen | None) -> tuple[str, bool]:
    """The whole output of a program, and whether it was interrupted.

    Returns when the program has ended: after an interrupt Terraform still saves its state.
    """
    lines: list[str] = []
    was_interrupted = False

    def interrupt(*_: object) -> None:
        nonlocal was_interrupted
        was_interrupted = True
        # The whole group, as a terminal does it: the program may be a script that starts Terraform.
        os.killpg(process.pid, signal.SIGINT)

    with _on_signal(interrupt):
        for line in process.stdout or ():
            lines.append(line)
            if screen:
                screen.read(line)
        process.wait()
    if screen:
        screen.end()
    return "".join(lines), was_interrupted


@contextmanager
def _on_signal(handler: Callable[..., None]) -> Iterator[None]:
    """Calls `handler` for SIGINT and SIGTERM, which a cancelled workflow or a shutdown sends.

    Unlike KeyboardInterrupt, a handler does not end the loop that reads the output.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
