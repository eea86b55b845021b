"""Analyses the queries of SQL files by Spark's own parser and analyser, on empty tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.analysis.empty_tables import empty_tables
from glue_jobs.analysis.output import compare
from glue_jobs.analysis.regexes import refused_regexes
from glue_jobs.errors import RunError
from glue_jobs.sql_query import Query
from glue_jobs.tables.query_clock import ClockRead, clock_reads
from lakehouse.contracts import Contract
from lakehouse.pipelines import Job
from lakehouse.pipelines.params import evaluate
from lakehouse.pipelines.sql import PREFIX, Statement
from lakehouse.pipelines.sql_lint import readable_statements
from lakehouse.reading.faults import Collector
from lakehouse.reading.text import read_text

# Any date will do: a query is analysed, not run.
RUN_DATE = date(2000, 1, 1)
_POSITION = re.compile(r"\(?\bline (\d+),? pos (\d+)\)?")


def check_queries(
    spark: SparkSession, job: Job, contracts: Mapping[str, Contract], faults: Collector
) -> None:
    """Notes what Spark says of each query of a job (LK340), and where its columns are not the contract's
    (LK341, LK342).
    """
    params = parameters(job)
    for path in dict.fromkeys(p.file for p in job.procs if p.file.endswith(".sql")):
        text = read_text(faults.root / path, Collector(faults.root)) or ""
        for statement in readable_statements(text):
            # A table without a sound contract has its own fault, and its columns are not known.
            if set(statement.reads) <= set(contracts):
                _Analysis(spark, statement, text, faults.root / path, faults).check(params, contracts)


def parameters(job: Job) -> dict[str, Any]:
    """The job's parameters as a run has them, with the values of its row."""
    return {p.name: evaluate(p, run_date=RUN_DATE, run_id="", job_name=job.name) for p in job.params}


class _Analysis:
    """The analysis of one statement."""

    def __init__(
        self, spark: SparkSession, statement: Statement, text: str, file: Path, faults: Collector
    ) -> None:
        self.spark, self.statement, self.text = spark, statement, text
        self.file, self.faults = file, faults

    def check(self, params: Mapping[str, Any], contracts: Mapping[str, Contract]) -> None:
        statement, contract = self.statement, contracts.get(self.statement.table)
        if not set(statement.params) <= {*params, "run_date"}:
            return  # LK322 says so
        try:
            frames = empty_tables(self.spark, statement.reads, contracts, statement.streams)
            rows = Query(statement).analyzed(spark=self.spark, run_date=RUN_DATE, params=params, **frames)
            if statement.streams and contract:
                _check_stream(self.spark, rows, contract)
        except PySparkException as error:
            self._note_refusal(str(error))
            return
        except RunError as error:
            self._note_guard(str(error).removeprefix(f"{error.code} "))
            return
        for read in clock_reads(rows):
            self._note_clock(read)
        for pattern, refusal in refused_regexes(self.spark, rows):
            message = f"{self.statement.table}: Java refuses the regular expression '{pattern}': {refusal}"
            at = statement.position(self.text, 0)
            expected = "a pattern that java.util.regex compiles"
            self.faults.add("LK345", message, file=self.file, at=at, wanted=expected, value=pattern)
        for fault in compare(self.spark, rows, contract, exactly=True) if contract else ():
            at = statement.position(self.text, 0)
            self.faults.add(
                fault.code,
                fault.message,
                file=self.file,
                at=at,
                wanted=fault.expected,
                value=fault.value,
                among=fault.among,
            )

    def _note_refusal(self, message: str) -> None:
        """Spark's first sentence, with the names and the place of the file."""
        matched, query = _POSITION.search(message), Query(self.statement)
        offset = 0
        if matched:
            # The suffixes of views have the length of a UUID.
            suffix = "0" * 32
            lines = query.text(suffix).split("\n")
            start = sum(len(line) + 1 for line in lines[: int(matched[1]) - 1]) + int(matched[2])
            offset = min(max(0, start - query.offset(suffix)), len(self.statement.query))
        sentence = _POSITION.split(message.strip())[0] if matched else message.strip()
        sentence = " ".join(sentence.split("== SQL ==")[0].split()).rstrip(" ;(")
        for table in self.statement.reads:
            sentence = sentence.replace(f"{PREFIX}{table.replace('.', '_', 1)}", table)
        at = self.statement.position(self.text, offset)
        self.faults.add(
            "LK340",
            f"{self.statement.table}: Spark refuses its query: {sentence}",
            file=self.file,
            at=at,
            wanted="a query that Spark 3.5 runs",
        )

    def _note_clock(self, read: ClockRead) -> None:
        if not read.text:
            self._note_guard(read.refusal)
            return
        message = f"{self.statement.table}: Spark takes '{read.text}' for a time, another one in each run"
        at = self.statement.position(self.text, max(0, self.statement.query.find(f"'{read.text}'")))
        expected = "the logical date, :run_date"
        self.faults.add("LK343", message, file=self.file, at=at, wanted=expected, value=read.text)

    def _note_guard(self, message: str) -> None:
        file = self.faults.relative(self.file)
        if not any(f.file == file and f.code == "LK322" for f in self.faults.faults):
            at = self.statement.position(self.text, 0)
            self.faults.add("LK340", f"{self.statement.table}: {message}", file=self.file, at=at)


def _check_stream(spark: SparkSession, rows: DataFrame, contract: Contract) -> None:
    """Raises what Spark raises when it starts a stream that it cannot run."""
    jvm: Any = spark._jvm
    modes = jvm.org.apache.spark.sql.streaming.OutputMode
    mode = modes.Append() if contract.lake.write == "append" else modes.Update()
    checker = jvm.org.apache.spark.sql.catalyst.analysis.UnsupportedOperationChecker
    checker.checkForStreaming(rows._jdf.queryExecution().analyzed(), mode)
