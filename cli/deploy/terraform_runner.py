"""Hands a stack that was synthesized over to the real CLI of cdktf, or to Terraform itself."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cli.deploy.deploy_target import CACHE, child_environment
from infra.terraform.cdktf_cli import cdktf_cli
from infra.terraform.error import ToolError
from infra.terraform.mirror import configured
from infra.terraform.program import terraform
from lakehouse.environments.model import Environment
from lakehouse.project import project_root

OUT = project_root() / "cdktf.out"
# Terraform's own 10 at a time would take five minutes for a stack of this many small things.
_PARALLEL = "30"
_LOCKED = "Error acquiring the state lock"
_LOCK_ID = re.compile(r"\bID:\s+([0-9a-f-]{36})")
# IAM, Glue and S3 each have a word of their own for it; the address stands below.
_EXISTS = re.compile(r"(?:AlreadyExists|already exists|AlreadyOwnedByYou).*?with\s+(\w+\.\w+)", re.DOTALL)
_WANTS_PARALLEL = ("diff", "deploy", "destroy")


def by_cdktf(verb: str, stack: Path, env: Environment, *options: str) -> None:
    """`cdktf <verb> <stack>` of what `stack` holds. Raises ToolError when a program is missing or ends with an error."""
    terraform()
    variables, mirrored = configured(_folder("terraform"))
    words = [
        *cdktf_cli(_folder("node")),
        verb,
        stack.name,
        "--skip-synth",
        "--output",
        str(stack.parents[1]),
        *options,
    ]
    words += ["--terraform-parallelism", _PARALLEL] if verb in _WANTS_PARALLEL else []
    # Locking a provider asks its registry even where a mirror serves it.
    words += ["--skip-provider-lock"] if mirrored else []
    words += [] if sys.stdout.isatty() else ["--no-color"]
    _run(words, env, variables, f"cdktf {verb}")


def by_terraform(stack: Path, env: Environment, *commands: Sequence[str]) -> None:
    """`terraform init`, then `terraform <command>` for each, in the folder of the stack."""
    program = str(terraform())
    variables, _ = configured(_folder("terraform"))
    there = [program, f"-chdir={stack}"]
    _run([*there, "init", "-input=false", "-no-color"], env, variables, "terraform init", quiet=True)
    for command in commands:
        _run([*there, *command], env, variables, f"terraform {command[0]}")


def _folder(name: str) -> Path:
    made = CACHE / name
    made.mkdir(parents=True, exist_ok=True)
    return made


def _run(
    words: Sequence[str], env: Environment, variables: dict[str, str], what: str, *, quiet: bool = False
) -> None:
    own = {
        **variables, "LAKEHOUSE_ENV": env.name, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0",
        "CDKTF_HOME": str(_folder("cdktf")), "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1", "CI": "true",
    }  # fmt: skip
    process = subprocess.Popen(
        words, cwd=project_root(), env={**child_environment(env), **own}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace", start_new_session=True,
    )  # fmt: skip
    said, interrupted = _told(process, quiet)
    if interrupted:
        raise ToolError(
            "RUN508", f"{what} was interrupted; `cdktf deploy --env {env.name}` again finishes what was begun"
        )
    if process.wait():
        raise _failure(what, env, said, quiet)


def _told(process: subprocess.Popen[str], quiet: bool) -> tuple[str, bool]:
    """All that a program said, and whether it was interrupted. Not before it has ended: Terraform saves what it did."""
    assert process.stdout is not None
    said, interrupted = [], False

    def stop(*_: object) -> None:
        nonlocal interrupted
        interrupted = True
        _interrupt_terraform(process.pid)

    with _on_end(stop):
        for line in process.stdout:
            said.append(line)
            if not quiet:
                sys.stdout.write(line)
                sys.stdout.flush()
        process.wait()
    return "".join(said), interrupted


@contextmanager
def _on_end(stop: Callable[..., None]) -> Iterator[None]:
    """Handlers and not KeyboardInterrupt, which may come in the middle of anything. Who ends a job (a workflow, a shutdown) sends SIGTERM."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt_terraform(pid: int) -> None:
    """Ask Terraform alone: the CLI of cdktf would kill it at once, and with it what it knows of the last seconds.

    That is also why it runs in a session of its own, which a terminal's Ctrl-C does not reach.
    """
    from local_aws.processes import psutil

    parent = psutil.Process(pid)
    for process in (parent, *parent.children(recursive=True)):
        if process.name() == terraform().name:
            process.send_signal(signal.SIGINT)


def _failure(what: str, env: Environment, said: str, quiet: bool) -> ToolError:
    if _LOCKED in said:
        found = _LOCK_ID.search(said)
        return ToolError(
            "RUN506",
            f"the state of environment '{env.name}' is locked: somebody deploys, or a run that was killed left its lock; "
            f"when nobody deploys: `cdktf unlock --env {env.name} {found[1] if found else 'ID'}`",
        )
    if there := sorted(set(_EXISTS.findall(said))):
        return ToolError(
            "RUN511",
            f"{what}: {', '.join(there)} exists and the state does not know it: a deploy was killed while AWS made it, or it is somebody else's; "
            f"if it is ours: `cdktf adopt --env {env.name} {' '.join(there)}`, then deploy again",
        )
    shown = f": {said.strip()[-2000:]}" if quiet else ""
    return ToolError(
        "RUN508",
        f"{what} ended with an error; mend what it names, then `cdktf deploy --env {env.name}` again finishes it{shown}",
    )
