"""Query executions of the embedded Athena: in a thread each, their answers as CSV files in S3."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from local_aws.athena.engine import QueryAnswer, answer_of
from local_aws.athena.query_error import QueryError
from local_aws.athena.visible import Access
from local_aws.glue.host import GlueHost

log = logging.getLogger(__name__)
RUNNING, SUCCEEDED, FAILED = "RUNNING", "SUCCEEDED", "FAILED"


@dataclass
class QueryExecution:
    """`output`: the folder of its result, as `s3://bucket/prefix/`. `access`: what its caller may read."""

    sql: str
    database: str
    workgroup: str
    output: str
    access: Access | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = RUNNING
    reason: str = ""
    began: float = field(default_factory=time.time)
    ended: float = 0.0
    answer: QueryAnswer = field(default_factory=lambda: QueryAnswer((), (), 0))

    @property
    def file(self) -> str:
        return f"{self.output.rstrip('/')}/{self.id}.csv"

    def start(self, host: GlueHost, region: str) -> None:
        """Answer the query in a thread."""
        threading.Thread(target=self._run, args=(host, region), daemon=True).start()

    def _run(self, host: GlueHost, region: str) -> None:
        state = FAILED
        try:
            self.answer = answer_of(host, region, self.sql, self.database, self.access)
            location = urlsplit(self.file)
            s3 = host.client("s3", region)
            s3.put_object(Bucket=location.netloc, Key=location.path.lstrip("/"), Body=as_csv(self.answer))
            state = SUCCEEDED
        except QueryError as error:
            self.reason = str(error)
        except Exception as error:
            log.exception("query %s", self.id)
            self.reason = f"INTERNAL_ERROR: {type(error).__name__}"
        self.ended = time.time()
        self.state = state

    def described(self) -> dict[str, Any]:
        """As GetQueryExecution answers."""
        status = {"State": self.state, "SubmissionDateTime": self.began}
        if self.ended:
            status["CompletionDateTime"] = self.ended
        if self.reason:
            status["StateChangeReason"] = self.reason
        milliseconds = int(((self.ended or time.time()) - self.began) * 1000)
        statistics = {
            "EngineExecutionTimeInMillis": milliseconds,
            "TotalExecutionTimeInMillis": milliseconds,
            "DataScannedInBytes": self.answer.scanned_bytes,
        }
        return {
            "QueryExecutionId": self.id,
            "Query": self.sql,
            "StatementType": "DML",
            "ResultConfiguration": {"OutputLocation": self.file},
            "QueryExecutionContext": {"Database": self.database, "Catalog": "awsdatacatalog"},
            "Status": status,
            "Statistics": statistics,
            "WorkGroup": self.workgroup,
            "EngineVersion": {
                "SelectedEngineVersion": "AUTO",
                "EffectiveEngineVersion": "Athena engine version 3",
            },
        }


def text_of(value: Any) -> str | None:
    """A value as Athena writes it; None is null."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03}"
    return value.isoformat() if isinstance(value, date) else str(value)


def as_csv(answer: QueryAnswer) -> bytes:
    """A header and the rows; every value in quotes, and nothing for null."""
    rows = [[text_of(value) for value in row] for row in answer.rows]
    header: list[str | None] = [name for name, _ in answer.columns]
    return "".join(",".join(_quoted(text) for text in line) + "\n" for line in [header, *rows]).encode()


def _quoted(text: str | None) -> str:
    return "" if text is None else '"' + text.replace('"', '""') + '"'
