"""`lakehouse forget`: a person is shown, erased from the lake, and a certificate says what was done."""

from __future__ import annotations

import uuid

import typer

from cli.common import reachable_environment
from cli.operations.ask import agreed
from cli.personal_data.certificate import Certificate
from cli.personal_data.erasure import Erasure
from cli.personal_data.masking_key import MaskingKey
from cli.personal_data.scope import ROWS
from cli.personal_data.subject import Subject
from cli.personal_data.subject_tables import nameless_tables, subject_tables
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment
from lakehouse.pipelines import jobs_in

JOB = "forget"


def forget_person(
    env: str, subject: str, *, yes: bool, dry_run: bool, delete_files: bool = False, may_return: bool = False
) -> None:
    """Shows where a person is, asks, erases, and prints the URI of the certificate."""
    world, person = reachable_environment(env), Subject.parse(subject)
    erasure = erasure_of(world, person, delete_files=delete_files)
    if not erasure.tables:
        raise typer.BadParameter(f"no contract has a column '{person.column}'", param_hint="--subject")
    units = {location.name: location.unit for location in erasure.places}
    numbers = erasure.find()
    for name, number in numbers.items():
        typer.echo(f"  {name}: {number} {units[name]}")
    for name, left in erasure.left().items():
        typer.echo(f"  {name}: not erased by this command; {left}")
    rows = sum(number for name, number in numbers.items() if units[name] == ROWS)
    question = f"Erase {rows} rows from {world.name}, and what else is listed? They cannot be brought back."
    if not agreed(question, yes=yes, dry_run=dry_run):
        return
    typer.echo(f"certificate: {run_erasure(erasure, may_return=may_return)}")


def erasure_of(env: Environment, subject: Subject, *, delete_files: bool) -> Erasure:
    """The erasure of a person from what this project's contracts name."""
    from glue_jobs.aws import clients

    jobs, schemas = jobs_in(env), load_schemas()
    tables = subject_tables(schemas, subject.column)
    nameless, run_id = nameless_tables(schemas, tables), str(uuid.uuid4())
    return Erasure(env, clients(env).s3, subject, tables, jobs, run_id, nameless, delete_files)


def run_erasure(erasure: Erasure, *, may_return: bool = False) -> str:
    """Erases under an audit row of its own; the URI of the certificate.

    From its beginning on no job takes a row of the person, unless they `may_return`.
    """
    from cli.operations.audit import actor
    from glue_jobs.state.operations import audited
    from glue_jobs.state.tombstones import lift_tombstone, put_tombstone

    env, subject, by = erasure.env, erasure.subject, actor(erasure.env)
    digest = subject.digest(bytes.fromhex(MaskingKey.read(env).key))
    certificate = Certificate(digest, subject.column, env.name, erasure.run_id, by, may_return=may_return)
    # The audit may name no person: the hash is that of the certificate.
    action = {"column": subject.column, "subject": digest, "may_return": may_return}
    with audited(env, JOB, action, by=by, run_id=erasure.run_id):
        tombstone = lift_tombstone if may_return else put_tombstone
        tombstone(env, erasure.run_id, subject.column, subject.value)
        certificate.erased = erasure.erase()
        _check_gone(erasure)
        certificate.left = erasure.left()
        return certificate.store(erasure.s3, env)


def _check_gone(erasure: Erasure) -> None:
    """Raises RunError (RUN530) when rows of the person came while they were erased."""
    from glue_jobs.errors import RunError

    places = ", ".join(erasure.find(unit=ROWS))
    if places:
        raise RunError(f"rows of the person came again meanwhile: {places}; start it again", code="RUN530")
