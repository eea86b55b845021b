"""The one boundary of all commands: an error leaves as one line with a code, and never as a traceback."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from inspect import getdoc
from pathlib import Path

import typer

from cli.help_text import unwrapped
from cli.progress import quietly
from cli.project_option import working_on
from lakehouse.reading.faults import FaultsError

# The arguments or the credentials are wrong, and nothing has begun.
USAGE, FAILED = 2, 1
EXIT_CODES = (
    "Exit codes: 0 done; 1 failed; 2 facts, arguments or credentials are wrong, and nothing has begun."
)
_REFUSED = frozenset({"RUN050", "RUN051", "RUN141", "RUN501", "RUN502"})
# What botocore raises before AWS is reached, and what AWS answers to credentials that do not work.
_WITHOUT_CREDENTIALS = (
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "ProfileNotFound",
    "SSOTokenLoadError",
    "UnauthorizedSSOTokenError",
    "TokenRetrievalError",
    "NoAuthTokenError",
    "NoRegionError",
)
_CREDENTIALS_REFUSED = (
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "ExpiredToken",
    "ExpiredTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)


def exiting(program: typer.Typer) -> None:
    """Runs a program, and exits as `outcome` says after an error, which is printed without a traceback."""
    from glue_jobs.observability.redact import redact

    try:
        with working_on(sys.argv[1:]) as words, quietly(words) as arguments:
            program(args=arguments)
    except Exception as error:
        code, message = outcome(error)
        typer.echo(redact(message), err=True)
        sys.exit(code)


def with_whole_help(program: typer.Typer) -> None:
    """Ends the help of every command with its exit codes, and lets its paragraphs fill the terminal."""
    for command in program.registered_commands:
        command.epilog = command.epilog or EXIT_CODES
        command.help = unwrapped(command.help or getdoc(command.callback) or "")
    for group in program.registered_groups:
        if group.typer_instance:
            with_whole_help(group.typer_instance)


def outcome(error: Exception) -> tuple[int, str]:
    """(exit code, message): 2 for wrong facts, arguments and credentials, else 1."""
    if isinstance(error, FaultsError):
        return USAGE, str(error)
    from glue_jobs.errors import RunError

    if isinstance(error, RunError):
        usage = error.code in _REFUSED or getattr(error, "exit_code", FAILED) == USAGE
        return (USAGE if usage else FAILED), str(error)
    if _is_of_ours(error):
        return FAILED, str(error)
    if isinstance(error, PermissionError | FileNotFoundError | NotADirectoryError | IsADirectoryError):
        return FAILED, f"RUN635 {error.filename or 'a file'}: {error.strerror or error}"
    return _of_aws(error) or (FAILED, _unexpected(error))


def _is_of_ours(error: Exception) -> bool:
    """Whether the message of the error says what to do: it has a code or names a program that is missing."""
    from infra.terraform.error import ToolError
    from local_aws.ivy import JarsError
    from local_aws.java import JavaMissingError
    from local_aws.processes import ServiceError

    return isinstance(error, ServiceError | JavaMissingError | JarsError | ToolError)


def _of_aws(error: Exception) -> tuple[int, str] | None:
    """What an error of boto3 is; None for any other error."""
    name = type(error).__name__
    if not type(error).__module__.startswith(("botocore", "boto3")):
        return None
    text = " ".join(str(error).split())
    if name in _WITHOUT_CREDENTIALS:
        return USAGE, f"RUN501 no usable AWS credentials ({text}): set AWS_PROFILE, or sign in"
    # An error of the connection has a response, too, and that is None.
    answer = (getattr(error, "response", None) or {}).get("Error", {})
    code = str(answer.get("Code", ""))
    if code in _CREDENTIALS_REFUSED:
        return USAGE, f"RUN501 the AWS credentials were refused ({code}): sign in anew"
    if code:
        call = getattr(error, "operation_name", "a call")
        message = str(answer.get("Message", ""))
        # What knows no such call answers with a page for browsers.
        message = "it does not know this call" if message.lstrip().startswith("<") else message
        return FAILED, f"RUN636 AWS refused {call}: {code}: {message}"
    return FAILED, f"RUN637 AWS was not reached: {text}"


def _unexpected(error: Exception) -> str:
    """One line for an error that nobody foresaw; the traceback goes into a file that the line names."""
    from glue_jobs.error_text import public_trace
    from glue_jobs.errors import first_line
    from glue_jobs.observability.redact import redact

    try:
        file = _folder() / f"error-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.log"
        file.write_text(redact(public_trace(error)))
    except OSError:
        return f"RUN638 unexpected {type(error).__name__}: {first_line(error)}"
    return f"RUN638 unexpected {type(error).__name__}: {first_line(error)}; its traceback is in {file}"


def _folder() -> Path:
    """Where logs of the project are, else the folder for temporary files."""
    import tempfile

    from lakehouse.project import Project

    try:
        folder = Project.find().local / "logs"
        folder.mkdir(parents=True, exist_ok=True)
    except (FaultsError, OSError):
        folder = Path(tempfile.gettempdir())
    return folder
