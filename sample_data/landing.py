"""Writes the landing zone's files: the CRM's drops as JSON lines, the exchange rates as documents."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

import polars as pl

from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from sample_data import rates
from sample_data.connections import client
from sample_data.crm import KEYS, drops
from sample_data.dataset import iso
from sample_data.dirt import dirty_lines
from sample_data.rules import Row
from sample_data.summary import DirtCount

Files = dict[str, bytes]


def crm_files(
    table: str, start: date, end: date, dirt: float, seed: int, *, snapshot: bool
) -> tuple[Files, int, list[DirtCount]]:
    """The files of one CRM table by S3 key, the number of their clean rows, and the dirt in them."""
    clean = _rows(drops(table, start, end, seed, snapshot=snapshot))
    bad, counts = dirty_lines(f"crm_{table}", clean, json_line, dirt, seed)
    by_day: dict[date, list[bytes]] = defaultdict(list)
    for dt, line in [*((dt, json_line(row)) for dt, row in clean), *bad]:
        by_day[dt].append(line)
    files = {
        f"{crm_prefix(table)}dt={dt}/part-0000.jsonl": b"".join(line + b"\n" for line in lines)
        for dt, lines in by_day.items()
    }
    return files, len(clean), counts


def fx_files(start: date, end: date, dirt: float, seed: int) -> tuple[Files, int, list[DirtCount]]:
    """`rates.json` per day that the ECB published; dirt comes in documents of one rate each,
    `rates-dirt-NNNN.json` beside it.
    """
    days = rates.published(start, end)
    files = {f"{FX_PREFIX}dt={day.date}/rates.json": rates.document(day) for day in days}
    inside = [
        (
            day.date,
            {
                "date": day.date.isoformat(),
                "published_at": day.published_at,
                "currency": currency,
                "rate": rate,
            },
        )
        for day in days
        if day.date >= start
        for currency, rate in day.rates.items()
    ]
    bad, counts = dirty_lines("fx_rates", inside, _one_rate, dirt, seed)
    number: Counter[date] = Counter()
    for dt, line in bad:
        number[dt] += 1
        files[f"{FX_PREFIX}dt={dt}/rates-dirt-{number[dt]:04}.json"] = line + b"\n"
    return files, sum(len(day.rates) for day in days), counts


FX_PREFIX = "fx/"


def crm_prefix(table: str) -> str:
    return f"crm/{table}/"


class Landing:
    """The landing bucket of an environment."""

    def __init__(self, env: Environment) -> None:
        self._s3 = client(env, "s3")
        self._bucket = names.bucket(env, Zone.LANDING)

    def has_drop_before(self, day: date) -> bool:
        """Has the CRM's story begun before `day`? Then this range needs no snapshot."""
        return any(_dt(key) < day.isoformat() for table in KEYS for key in self._etags(crm_prefix(table)))

    def put(self, prefix: str, files: Mapping[str, bytes], start: date, end: date) -> None:
        """Makes the files of [start, end] under `prefix` be `files`.

        One that is there already is left: a reader by time sees no news.
        """
        present = self._etags(prefix)
        new = {
            key: body
            for key, body in files.items()
            if present.get(key) != hashlib.md5(body, usedforsecurity=False).hexdigest()
        }
        gone = [
            key for key in present if key not in files and start.isoformat() <= _dt(key) <= end.isoformat()
        ]
        with ThreadPoolExecutor(8) as pool:
            list(
                pool.map(
                    lambda item: self._s3.put_object(Bucket=self._bucket, Key=item[0], Body=item[1]),
                    sorted(new.items()),
                )
            )
            list(pool.map(lambda key: self._s3.delete_object(Bucket=self._bucket, Key=key), gone))

    def _etags(self, prefix: str) -> dict[str, str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", ())}


def json_line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def _rows(frame: pl.DataFrame) -> list[tuple[date, Row]]:
    """Each row with its file's day, dates and timestamps as text."""
    return [(row.pop("dt"), {name: _text(value) for name, value in row.items()}) for row in frame.to_dicts()]


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return value.isoformat() if isinstance(value, date) else value


def _one_rate(row: Row) -> bytes:
    head = {"base": "EUR"} | {name: row[name] for name in ("date", "published_at") if name in row}
    return f'{json_line(head).decode()[:-1]},"rates":{{"{row["currency"]}":{row["rate"]}}}}}'.encode()


def _dt(key: str) -> str:
    return key.split("dt=", 1)[1].split("/", 1)[0]
