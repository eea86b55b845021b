"""A dimension that follows bronze through silver, and a fact that looks it up."""

from __future__ import annotations

import types
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pyspark.sql import SparkSession

from glue_jobs.job_types.rewind import RewindStep
from glue_jobs.job_types.transform import Transform
from glue_jobs.run_context import RunContext
from glue_jobs.tables.scd2 import BEGINNING, END
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names
from lakehouse.pipelines.rewind import RewindRequest
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import job, run_context, schemas

FIRST = datetime(2017, 1, 1, tzinfo=UTC)
FIRST_INSTANT, LAST_INSTANT = (datetime.fromisoformat(t).replace(tzinfo=UTC) for t in (BEGINNING, END))
_ID = {"type": "integer"}
_TEXT = {"type": ["string", "null"]}
_INSTANT = {"type": "string", "format": "date-time"}
STATE = {"id": _ID, "name": _TEXT, "city": _TEXT, "is_deleted": {"type": "boolean"}, "changed_at": _INSTANT}
DIMENSION = {
    "sk": _ID,
    **{name: kind for name, kind in STATE.items() if name != "changed_at"},
    "valid_since": _INSTANT,
    "valid_from": _INSTANT,
    "valid_to": _INSTANT,
    "is_current": {"type": "boolean"},
}
SALE = {"sale_id": _ID, "id": _ID, "sold_at": _INSTANT, "sold_on": {"type": "string", "format": "date"}}
State = tuple[int, str | None, str | None, bool, datetime]
Version = dict[str, Any]


def at(hours: int) -> datetime:
    """So many hours after the first moment of a history."""
    return FIRST + timedelta(hours=hours)


@dataclass
class Rewound:
    """The tables of one history, and ordinary runs and rewinds of them."""

    env: Environment
    spark: SparkSession
    name: str = field(default_factory=lambda: f"rewound_{uuid.uuid4().hex[:8]}")
    batches: int = 0

    @property
    def contracts(self) -> dict[str, Contract]:
        bronze, silver, gold = (f"{layer}.{self.name}" for layer in ("bronze", "silver", "gold"))
        sales, facts = f"silver.{self.name}_sales", f"gold.{self.name}_facts"
        unknown = {"sk": -1, "id": -1, "is_deleted": False, "valid_since": "1900-01-01T00:00:00Z"}
        unknown |= {"valid_from": "1900-01-01T00:00:00Z", "valid_to": "9999-12-31T00:00:00Z"}
        looks_up = {"table": gold, "on": {"id": "id"}, "at": "sold_at"}
        looks_up |= {"valid_from": "valid_from", "valid_to": "valid_to"}
        found_key = {"type": ["integer", "null"], "x-lake": {"derived_from": [f"{gold}.sk"]}}
        by_day = {"write": "recompute", "recompute_by": "sold_on", "partition_by": ["sold_on"]}
        stated = [
            contract(bronze, STATE, write="append"),
            contract(silver, STATE, incremental_from=[bronze]),
            contract(
                gold,
                DIMENSION,
                write="scd2",
                primary_key=["sk"],
                business_key=["id"],
                sequence="valid_since",
                tracked=["name", "city", "is_deleted"],
                incremental_from=[silver],
                unknown_member={**unknown, "is_current": True},
            ),
            contract(sales, SALE, primary_key=["sale_id"], sequence="sold_at"),
            contract(
                facts,
                {**SALE, "sk": found_key},
                primary_key=["sale_id"],
                sequence=None,
                incremental_from=[sales],
                depends_on=[looks_up],
                **by_day,
            ),
        ]
        return {c.table: c for c in stated}

    def put(
        self, layer: str, rows: list[dict[str, Any]], table: str = "", mode: delta_rs.Mode = "append"
    ) -> None:
        of = self.contracts[f"{layer}.{table or self.name}"]
        delta_rs.append_records(self.env, of, rows, mode)

    def arrive(self, states: list[State]) -> None:
        """One batch of bronze."""
        self.batches += 1
        more = {"_ingest_ts": at(1000 + self.batches), "_batch_id": f"b{self.batches}"}
        more |= {"_source_system": "tests", "_run_date": FIRST.date()}
        self.put("bronze", [{**dict(zip(STATE, state, strict=True)), **more} for state in states])

    def silver_run(self) -> RunContext:
        run, transform = self._job((f"bronze.{self.name}",), (f"silver.{self.name}",))
        transform.execute(run)
        return run

    def gold_run(self) -> RunContext:
        run, transform = self._gold_job()
        transform.execute(run)
        return run

    def run(self) -> None:
        """An ordinary day: silver, then the dimension and the fact."""
        self.silver_run()
        self.gold_run()

    def history(self, request: RewindRequest) -> RunContext:
        run, transform = self._job((f"bronze.{self.name}",), (f"silver.{self.name}",))
        RewindStep(RewindRequest(f"silver.{self.name}", request.id, request.start), transform).execute(run)
        return run

    def rewind_gold(self, request: RewindRequest) -> RunContext:
        run, transform = self._gold_job()
        RewindStep(request, transform).execute(run)
        return run

    def request(self, start: datetime) -> RewindRequest:
        return RewindRequest(f"gold.{self.name}", f"r-{uuid.uuid4().hex[:8]}", start)

    def rewind(self, start: datetime) -> None:
        request = self.request(start)
        self.history(request)
        self.rewind_gold(request)

    def versions(self) -> list[Version]:
        """What the dimension holds, without the unknown member, as plain values."""
        return [row for row in self.rows(f"gold.{self.name}") if row["id"] != -1]

    def facts(self) -> list[tuple[int, int | None]]:
        return sorted((row["sale_id"], row["sk"]) for row in self.rows(f"gold.{self.name}_facts"))

    def rows(self, table: str) -> list[dict[str, Any]]:
        stored = delta_rs.table(self.env, names.table_uri(self.env, table)).to_pyarrow_table().to_pylist()
        return [{k: _plain(v) for k, v in row.items()} for row in stored]

    def _gold_job(self) -> tuple[RunContext, Transform]:
        reads = (f"silver.{self.name}", f"silver.{self.name}_sales")
        return self._job(reads, (f"gold.{self.name}", f"gold.{self.name}_facts"))

    def _job(self, reads: tuple[str, ...], writes: tuple[str, ...]) -> tuple[RunContext, Transform]:
        module, layer = types.ModuleType("rewound"), writes[0].partition(".")[0]
        exec(_CODE[layer].replace("NAME", self.name), module.__dict__)
        run = run_context(
            self.env, job(reads=reads, writes=writes), schemas(*self.contracts.values()), self.spark
        )
        return run, Transform(module)


_CODE = {
    "silver": "def NAME(*, bronze_NAME): return bronze_NAME",
    "gold": """
def NAME(*, silver_NAME): return silver_NAME.withColumn("valid_since", silver_NAME.changed_at)
def NAME_facts(*, silver_NAME_sales, gold_NAME):
    sales, versions = silver_NAME_sales, gold_NAME.withColumnRenamed("id", "_id")
    valid = (sales.sold_at >= versions.valid_from) & (sales.sold_at < versions.valid_to)
    return sales.join(versions, (sales.id == versions._id) & valid, "left")
""",
}


def _plain(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
