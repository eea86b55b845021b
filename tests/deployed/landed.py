"""Files of the CRM in the landing zone."""

from __future__ import annotations

from datetime import date

from lakehouse.environments import Environment
from sample_data.crm import KEYS
from sample_data.landing import Landing, crm_files, crm_prefix


def land(env: Environment, day: date) -> None:
    """One file for each of the CRM's tables, with broken rows among them."""
    for table in KEYS:
        files, _, _ = crm_files(table, day, day, 0.05, 2017, snapshot=True)
        Landing(env).put(crm_prefix(table), files, day, day)
