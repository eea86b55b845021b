"""Fills the source systems for a range of days."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import polars as pl

from lakehouse.environments import Environment
from sample_data import frames, topic
from sample_data.crm import KEYS
from sample_data.dirt import dirty_frame
from sample_data.landing import FX_PREFIX, Landing, crm_files, crm_prefix, fx_files
from sample_data.summary import DirtCount, Summary
from sample_data.warehouses import changed_within, load_behavior, open_snowflake

# Set → what it is. The first one is loaded when nobody names any.
SETS = {
    "retail": "a grocery retailer's year 2017, with the European Central Bank's rates",
    "loans": "real credit applications, and loans made of them",
    "traffic": "web traffic made of the retailer's baskets",
    "members": "changes of the loyalty members' database, as Debezium sends them",
}
# The modules whose LOADERS fill the sets that have a module of their own.
MODULES = {
    "loans": "sample_data.loans",
    "traffic": "sample_data.traffic",
    "members": "sample_data.members",
}


def load_sample(
    env: Environment,
    start: date,
    end: date,
    dirt: float = 0.0,
    seed: int = 2017,
    sets: Sequence[str] = ("retail",),
) -> Summary:
    """Fills the source systems of `sets` with the days [start, end] and adds the share `dirt` of every kind
    of dirt.

    Ranges add up in any order, and a range loaded twice is there once. Raises ValueError for a range or share
    that is none, and for an environment other than local: a load deletes what it replaces.
    """
    if env.name != "local":
        raise ValueError(f"sample data is for the environment 'local', not for '{env.name}'")
    if end < start:
        raise ValueError(f"the range ends on {end}, before it starts on {start}")
    if not 0 <= dirt <= 1:
        raise ValueError(f"dirt {dirt} is not a share from 0 to 1")
    rows: dict[str, int] = {}
    counts: list[DirtCount] = []
    for load in [one for name in dict.fromkeys(sets) for one in _loaders(name)]:
        loaded, added = load(env, start, end, dirt, seed)
        rows |= loaded
        counts += added
    return Summary(start, end, rows, tuple(counts))


Loaded = tuple[dict[str, int], list[DirtCount]]
Loader = Callable[[Environment, date, date, float, int], Loaded]


def _loaders(name: str) -> Sequence[Loader]:
    if name not in SETS:
        raise ValueError(f"there is no sample data '{name}'; there is {', '.join(SETS)}")
    if name not in MODULES:
        return (_snowflake, _redshift, _landing, _kafka)
    loaders: Sequence[Loader] = importlib.import_module(MODULES[name]).LOADERS
    return loaders


def _snowflake(env: Environment, start: date, end: date, dirt: float, seed: int) -> Loaded:
    with open_snowflake(env) as source:
        # The table holds one state. After February, loading January must not turn it back.
        newest = max(end, source.newest_customer_change() or end)
        tables = {
            "ORDERS": (frames.orders(start, end, seed), changed_within(start, end)),
            "CUSTOMERS": (frames.customers(newest, seed), "TRUE"),
            "PRODUCTS": (frames.products(), "TRUE"),
        }
        rows, counts = {}, []
        for table, (clean, where) in tables.items():
            name = f"snowflake_{table.lower()}"
            dirty, added = dirty_frame(name, clean, dirt, seed)
            source.replace(table, dirty, where)
            rows[name] = clean.height
            counts += added
    return rows, counts


def _redshift(env: Environment, start: date, end: date, dirt: float, seed: int) -> Loaded:
    clean = frames.behavior(start, end, seed)
    history = frames.contacts(None, start - timedelta(days=1), seed)
    dirty, counts = dirty_frame("redshift_behavior", clean, dirt, seed)
    load_behavior(env, dirty, history, start, end)
    return {"redshift_behavior": pl.concat([clean, history]).height}, counts


def _landing(env: Environment, start: date, end: date, dirt: float, seed: int) -> Loaded:
    landing = Landing(env)
    snapshot = not landing.has_drop_before(start)
    rows, counts = {}, []
    for table in KEYS:
        files, rows[f"crm_{table}"], added = crm_files(table, start, end, dirt, seed, snapshot=snapshot)
        landing.put(crm_prefix(table), files, start, end)
        counts += added
    files, rows["fx_rates"], added = fx_files(start, end, dirt, seed)
    landing.put(FX_PREFIX, files, start, end)
    return rows, [*counts, *added]


def _kafka(env: Environment, start: date, end: date, dirt: float, seed: int) -> Loaded:
    events = frames.order_events(start, end)
    messages, counts = topic.messages(events, dirt, seed)
    topic.send(env, messages, start, end)
    return {"kafka_events": events.height}, counts
