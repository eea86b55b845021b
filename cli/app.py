"""The `lakehouse` command: its verbs, and how every error leaves it."""

from __future__ import annotations

import typer

from cli.access.commands import access
from cli.alerts.commands import alerts
from cli.backfill.commands import backfill
from cli.boundary import exiting, with_whole_help
from cli.contracts.commands import contracts
from cli.cost.commands import cost
from cli.deploy import bootstrap, build, deploy, doctor
from cli.landing.commands import landing
from cli.local.commands import local, sample
from cli.onboard.command import onboard
from cli.personal_data.commands import forget, pii
from cli.pipeline.commands import pipeline
from cli.project import dags, init, schemas, validate
from cli.project_option import options
from cli.quarantine.commands import quarantine
from cli.recovery.commands import dr
from cli.run import demo, show
from cli.run.commands import run
from cli.run.stats import stats
from cli.scd2.commands import scd2
from cli.tables import dq, query
from cli.tables.commands import table
from cli.watermarks.commands import watermark

app = typer.Typer(
    help="A lakehouse whose facts are stated once: "
    "validate them, run them here or on AWS, and look at what happened.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.callback()(options)
app.command("init")(init.init)
app.command("validate")(validate.validate)
app.command("onboard")(onboard)
app.command("run")(run)
app.command("query")(query.query)
app.command("jobs")(show.jobs)
app.command("dags")(dags.dags)
app.command("runs")(show.runs)
app.command("stats")(stats)
app.command("backfill")(backfill)
app.command("demo")(demo.demo)
app.command("build")(build.build)
app.command("bootstrap")(bootstrap.bootstrap)
app.command("cost")(cost)
app.command("deploy")(deploy.deploy)
app.command("doctor")(doctor.doctor)
app.command("forget")(forget)
app.add_typer(alerts, name="alerts")
app.add_typer(quarantine, name="quarantine")
app.add_typer(watermark, name="watermark")
app.add_typer(table, name="table")
app.add_typer(scd2, name="scd2")
app.add_typer(landing, name="landing")
app.add_typer(local, name="local")
app.add_typer(sample, name="sample")
app.add_typer(schemas.schemas, name="schemas")
app.add_typer(contracts, name="contracts")
app.add_typer(pipeline, name="pipeline")
app.add_typer(dq.dq, name="dq")
app.add_typer(dr, name="dr")
app.add_typer(access, name="access")
app.add_typer(pii, name="pii")
with_whole_help(app)


def main() -> None:
    exiting(app)
