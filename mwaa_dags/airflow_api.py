"""What Airflow 3.0 and 3.2 name or mean differently."""

from __future__ import annotations

from airflow import __version__

NEWER = tuple(int(part) for part in __version__.split(".")[:2]) >= (3, 2)

if NEWER:
    from airflow.sdk import CronTriggerTimetable
    from airflow.sdk.exceptions import AirflowException, AirflowFailException
else:
    from airflow.exceptions import AirflowException, AirflowFailException
    from airflow.timetables.trigger import CronTriggerTimetable

# The wait doubles with each retry. 3.0 knows only yes and no; to 3.2 True is the number 1, by which nothing grows.
DOUBLING: float = 2.0 if NEWER else True

__all__ = ["DOUBLING", "AirflowException", "AirflowFailException", "CronTriggerTimetable"]
