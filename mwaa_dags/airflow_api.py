"""Hides the differences between Airflow 3.0 and 3.2."""

from __future__ import annotations

from airflow import __version__

FROM_3_2 = tuple(int(part) for part in __version__.split(".")[:2]) >= (3, 2)

if FROM_3_2:
    from airflow.sdk import CronTriggerTimetable
    from airflow.sdk.exceptions import AirflowException, AirflowFailException
    from airflow.sdk.log import mask_secret
else:
    from airflow.exceptions import AirflowException, AirflowFailException
    from airflow.sdk.execution_time.secrets_masker import mask_secret
    from airflow.timetables.trigger import CronTriggerTimetable

# Doubles the wait with each retry. 3.0 takes a bool; 3.2 takes a factor, and reads True as the factor 1.
DOUBLING: float = 2.0 if FROM_3_2 else True

__all__ = ["DOUBLING", "AirflowException", "AirflowFailException", "CronTriggerTimetable", "mask_secret"]
