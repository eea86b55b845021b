"""An error of Terraform names the command that mends it."""

from __future__ import annotations

from cli.deploy.terraform_errors import failure, interrupted
from lakehouse.environments import load_environment


def test_a_lock_that_a_killed_deploy_left_is_named_with_the_command_that_releases_it() -> None:
    lock = "3f2b1c9e-1111-2222-3333-444455556666"
    output = f"Error: Error acquiring the state lock\n\nLock Info:\n  ID:        {lock}\n  Who: me\n"
    error = failure("terraform apply", load_environment("prod"), output, shown=True)
    assert error.code == "RUN506"
    assert "`cdktf unlock --env prod 3f2b1c9e-1111-2222-3333-444455556666`" in str(error)


def test_what_exists_already_is_named_with_the_command_that_takes_it_over() -> None:
    output = """
Error: creating IAM Role (lakehouse-prod-job-x): operation error IAM: CreateRole, https response error
StatusCode: 409, EntityAlreadyExists: Role with name lakehouse-prod-job-x already exists.

  with aws_iam_role.role_job_x (role_job_x),
                           on cdk.tf.json line 7736, in resource.aws_iam_role.role_job_x (role_job_x):
"""
    error = failure("terraform apply", load_environment("prod"), output, shown=True)
    assert str(error).startswith("RUN511 terraform apply: aws_iam_role.role_job_x exists")
    assert "`cdktf adopt --env prod aws_iam_role.role_job_x`" in str(error)


def test_a_provider_that_cannot_be_installed_has_a_code_of_its_own() -> None:
    output = "Error: Failed to install provider\n\nthe current package doesn't match any of the checksums"
    error = failure("terraform init", load_environment("prod"), output, shown=False)
    assert str(error).startswith(
        "RUN504 terraform init cannot install the AWS provider: Error: Failed to install"
    )


def test_another_error_is_shown_once() -> None:
    env = load_environment("prod")
    again = "mend what it names, then `cdktf deploy --env prod` again finishes it"
    expected = f"RUN508 terraform apply ended with an error; {again}"
    assert str(failure("terraform apply", env, "Error: a quota", shown=True)) == expected
    assert (
        str(failure("terraform apply", env, "Error: a quota", shown=False)) == f"{expected}: Error: a quota"
    )


def test_an_interrupt_says_how_to_go_on() -> None:
    error = interrupted("terraform apply", load_environment("prod"))
    assert (
        str(error)
        == "RUN508 terraform apply was interrupted; `cdktf deploy --env prod` again finishes what was begun"
    )
