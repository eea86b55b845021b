"""Prepares a stack: checks account and state bucket, builds what is deployed, and synthesizes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cli.deploy.account import check_account, check_deployer
from cli.deploy.deploy_target import resolve
from cli.deploy.releases import find_release
from cli.deploy.state_bucket import check_state_bucket
from infra.app import synth as synthesize
from infra.build.make import build
from infra.facts import read_facts
from lakehouse.environments import Environment
from lakehouse.project import Project, project_root
from lakehouse.release import Release


def synthesized(env_name: str, release: Release | None = None) -> Path:
    """The folder of the synthesized stack, whose jobs run `release` (default: that of the working tree).

    Raises FaultsError with everything that is wrong with the facts.
    """
    return synthesize(replace(read_facts(env_name), release=release), Project.find().synthesized)


def prepared(
    env_name: str, artifacts: str | None = None, *, changes: bool = True
) -> tuple[Environment, Path]:
    """The environment and the folder of its stack: account and bucket checked, artifacts built, synthesized.

    The cheapest check comes first, and nothing in the account is touched. `artifacts`: the digest of an
    older release, whose engine and bundle jobs run; they are not built. `changes`: the stack is to be
    changed, which the deployer's role alone may. Raises RunError (RUN512) when there is no such release, and
    (RUN532) for another role.
    """
    target = resolve(env_name)
    caller = check_account(target)
    check_state_bucket(target)
    if changes:
        check_deployer(target, caller)
    release = find_release(target, artifacts) if artifacts is not None else None
    build(project_root(), with_release=release is None)
    return target, synthesized(env_name, release)
