"""A deploy shows what Terraform does in a few lines, and its errors whole."""

from __future__ import annotations

from cli.deploy.terraform_progress import TerraformProgress

PLAN = """
Terraform will perform the following actions:

  # aws_s3_bucket.raw will be created
  + resource "aws_s3_bucket" "raw" {
      + bucket = "lakehouse-dev-raw"
    }

  # aws_s3_bucket.silver will be created
  # module.network.aws_subnet.a will be created
  # aws_glue_job.orders will be updated in-place
  # aws_iam_role.orders is tainted, so must be replaced
  # aws_sns_topic.alerts must be replaced
  # aws_sqs_queue.old will be destroyed
  # (because aws_sqs_queue.old is not in configuration)

Plan: 5 to add, 1 to change, 3 to destroy.
"""
APPLY = """aws_sns_topic.alerts: Refreshing state... [id=arn:aws:sns:eu-central-1:123456789012:alerts]
aws_s3_bucket.raw: Creating...
aws_mwaa_environment.airflow: Creating...
aws_glue_job.orders: Modifying... [id=orders]
aws_sqs_queue.old: Destroying... [id=old]
aws_s3_bucket.raw: Creation complete after 2s [id=lakehouse-dev-raw]
aws_glue_job.orders: Modifications complete after 0s [id=orders]
aws_mwaa_environment.airflow: Still creating... [1m0s elapsed]
aws_mwaa_environment.airflow: Creation complete after 21m4s [id=airflow]
"""
ERROR = """╷
│ Error: creating Glue Job (orders): AccessDeniedException
│
│   with aws_glue_job.orders,
│   on cdk.tf.json line 12, in resource.aws_glue_job.orders:
╵
"""
WARNING = ERROR.replace("Error:", "Warning:")


def test_plan_counts_what_is_created_and_names_every_other_change() -> None:
    progress, shown = read(PLAN)
    assert shown == []
    assert list(progress.changes()) == [
        "created: 2 aws_s3_bucket, 1 aws_subnet",
        "updated in-place: aws_glue_job.orders",
        "replaced: aws_iam_role.orders",
        "replaced: aws_sns_topic.alerts",
        "destroyed: aws_sqs_queue.old",
    ]
    assert progress.results == ["Plan: 5 to add, 1 to change, 3 to destroy."]


def test_progress_says_what_is_done_in_work_and_slow() -> None:
    progress, _ = read(APPLY)
    assert progress.status() == "3 done, 1 in work"
    assert progress.slowest() == "aws_mwaa_environment.airflow 1264 s"


def test_status_before_the_first_change_says_how_much_of_the_state_is_read() -> None:
    progress, _ = read(APPLY.splitlines(keepends=True)[0])
    assert progress.status() == "the state of 1 resources is read"


def test_errors_are_shown_whole_and_warnings_are_counted() -> None:
    progress, shown = read(WARNING + ERROR)
    assert shown == ERROR.splitlines()
    assert progress.warnings == 1


def test_error_that_the_end_cuts_off_is_shown() -> None:
    text = "Error: no valid credential sources found\n\nPlease see the documentation.\n"
    progress, shown = read(text)
    assert shown == []
    assert progress.rest() == text.splitlines()


def read(text: str) -> tuple[TerraformProgress, list[str]]:
    """The state after every line, and the lines that were shown on the way."""
    progress = TerraformProgress()
    return progress, [shown for line in text.splitlines(keepends=True) for shown in progress.read(line)]
