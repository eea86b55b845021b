"""The arguments of a run, merged and taken apart as Glue does it."""

from __future__ import annotations

from glue_jobs.params import parse
from local_aws.glue.arguments import RunArguments


def test_run_replaces_defaults_and_nothing_replaces_what_cannot_be_overridden() -> None:
    merged = RunArguments.merged({"--a": "1", "--b": "1", "--c": "1"}, {"--b": "2", "--c": "2"}, {"--c": "3"})
    assert dict(merged.values) == {"--a": "1", "--b": "2", "--c": "3"}


def test_conf_holds_all_settings_with_or_without_the_first_word() -> None:
    settings = {"spark.a": "1 2", "spark.b": "x=y"}
    for text in ("spark.a=1 2 --conf spark.b=x=y", "--conf spark.a=1 2 --conf spark.b=x=y"):
        assert RunArguments({"--conf": text}).conf == settings
    assert RunArguments({}).conf == {}


def test_switch_is_on_when_it_is_empty_or_true() -> None:
    values = RunArguments({"--a": "true", "--b": "", "--c": "false"})
    assert [values.is_on(name) for name in ("--a", "--b", "--c", "--d")] == [True, True, False, False]


def test_log_groups_follow_the_prefix_and_the_continuous_log_is_opt_in() -> None:
    plain = RunArguments({})
    assert (plain.output_group, plain.error_group) == ("/aws-glue/jobs/output", "/aws-glue/jobs/error")
    assert plain.continuous_group is None
    assert plain.stream("jr_1") == "jr_1"
    custom = RunArguments(
        {
            "--custom-logGroup-prefix": "/team/jobs",
            "--custom-logStream-prefix": "night-",
            "--enable-continuous-cloudwatch-log": "true",
        }
    )
    assert custom.error_group == "/team/jobs/error"
    assert custom.continuous_group == "/aws-glue/jobs/logs-v2"
    assert custom.stream("jr_1") == "night-jr_1"


def test_script_gets_its_own_arguments_and_the_entrypoint_accepts_what_glue_adds() -> None:
    arguments = RunArguments(
        {
            "--job": "silver_to_gold",
            "--env": "dev",
            "--conf": "a=1 --conf b=2",
            "--additional-python-modules": "s3://b/x.whl",
            "--python-modules-installer-option": "--no-index --no-deps",
            "--datalake-formats": "delta",
            "--enable-metrics": "true",
            "--TempDir": "s3://b/tmp/",
        }
    )
    words = arguments.of_script("lakehouse-dev-silver_to_gold", "jr_1")
    assert words[words.index("--JOB_NAME") + 1] == "lakehouse-dev-silver_to_gold"
    assert words[words.index("--JOB_RUN_ID") + 1] == "jr_1"
    assert not {"--conf", "--python-modules-installer-option", "--additional-python-modules"} & set(words)
    assert arguments.installer_options == ["--no-index", "--no-deps"]
    assert (parse(words).job, parse(words).env) == ("silver_to_gold", "dev")
