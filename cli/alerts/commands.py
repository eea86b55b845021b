"""`lakehouse alerts …`: messages that reached nobody, and who has confirmed a subscription."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import EnvName, Json, live_environment, print_rows, unknown
from cli.operations.ask import DryRun, Yes, agreed

if TYPE_CHECKING:
    from cli.alerts.queues import Held, Queues

alerts = typer.Typer(
    help="Messages that reached nobody: list them, pass them on, discard them; and who is subscribed.",
    no_args_is_help=True,
)
QueueName = Annotated[
    str,
    typer.Option("--queue", help="undelivered: refused by a channel. dead-letters: taken by no function."),
]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="At most so many messages.")]
COLUMNS = ["queue", "since", "channel", "to", "why", "message"]


@alerts.command("list")
def list_alerts(env: EnvName, limit: Limit = 100, as_json: Json = False) -> None:
    """List the messages of both queues without taking them away: the channel, whom for, and why not."""
    from cli.alerts.queues import QUEUES, Queues

    queues = Queues(live_environment(env))
    messages = [message for queue in QUEUES for message in queues.held(queue, limit)]
    queues.release(messages)
    print_rows("messages that reached nobody", COLUMNS, [m.row() for m in messages], as_json=as_json)


@alerts.command("resend")
def resend(
    env: EnvName, queue: QueueName, limit: Limit = 100, yes: Yes = False, dry_run: DryRun = False
) -> None:
    """Send the messages of a queue once more, and take away what went out.

    undelivered: to the owner's e-mail address, and what was for Slack to the platform's address.
    dead-letters: the event to its function, which sends nothing twice. Exit code 1 when one fails again; it
    stays in its queue.
    """
    queues, messages = _opened(env, queue, limit)
    agrees = messages and agreed(f"Send {len(messages)} messages once more?", yes=yes, dry_run=dry_run)
    _end(queues, messages, queues.pass_on if agrees else None, "sent")


@alerts.command("discard")
def discard(
    env: EnvName, queue: QueueName, limit: Limit = 100, yes: Yes = False, dry_run: DryRun = False
) -> None:
    """Take messages out of a queue without sending them: somebody has been told in another way."""
    queues, messages = _opened(env, queue, limit)
    agrees = messages and agreed(f"Discard {len(messages)} messages?", yes=yes, dry_run=dry_run)
    _end(queues, messages, queues.take_away if agrees else None, "discarded")


@alerts.command("subscriptions")
def subscriptions(env: EnvName, as_json: Json = False) -> None:
    """List who is subscribed to the alerts; an address that has not confirmed gets nothing."""
    from cli.alerts.subscriptions import subscriptions_of
    from lakehouse.environments import names

    world = live_environment(env)
    rows = []
    for topic in (names.alert_topic(world), names.owner_topic(world)):
        for each in subscriptions_of(world, topic):
            state = "confirmed" if each["SubscriptionArn"].startswith("arn:") else "not confirmed"
            rows.append([topic, each["Protocol"], each["Endpoint"], state])
    print_rows("subscriptions", ["topic", "by", "to", "state"], rows, as_json=as_json)


def _opened(env: str, queue: str, limit: int) -> tuple[Queues, list[Held]]:
    from cli.alerts.queues import QUEUES, Queues

    if queue not in QUEUES:
        raise unknown("queue", queue, list(QUEUES))
    queues = Queues(live_environment(env))
    messages = queues.held(queue, limit)
    print_rows(queue, COLUMNS, [m.row() for m in messages], as_json=False)
    return queues, messages


def _end(queues: Queues, messages: list[Held], act: Callable[[Held], None] | None, done: str) -> None:
    """Acts on each message, or shows all to others again. Raises Exit (1) after the last where one failed."""
    from glue_jobs.errors import RunError

    if act is None:
        queues.release(messages)
        return
    failed = 0
    for message in messages:
        try:
            act(message)
        except RunError as error:
            failed += 1
            queues.release([message])
            typer.echo(str(error), err=True)
    typer.echo(f"{done}: {len(messages) - failed} of {len(messages)}")
    if failed:
        raise typer.Exit(1)
