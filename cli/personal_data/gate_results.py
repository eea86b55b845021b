"""The keys of failing rows that quality gates keep, where these name the person."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from cli.personal_data import delta_rows
from cli.personal_data.files import delete_older_versions, keys_below
from cli.personal_data.scope import Left, Scope
from cli.personal_data.subject_tables import SubjectTable
from glue_jobs.s3 import S3Uri
from glue_jobs.state.lease import lease
from lakehouse.environments import names

_KEYS = "partial_unexpected_index_list"


@dataclass
class GateResults:
    """Results of the gates of one table: documents, and rows of the table of its layer's results."""

    scope: Scope
    of: SubjectTable
    unit: str = "results with keys"

    @property
    def name(self) -> str:
        return f"gate results {self.of.table}"

    def count(self) -> int:
        table = delta_rows.open_at(self.scope.env, self._uri)
        rows = delta_rows.count(table, self._condition) if table is not None else 0
        return rows + sum(1 for _ in self._documents())

    def erase(self) -> int:
        scope, number = self.scope, 0
        for key, document in self._documents():
            for result in document["results"]:
                if _KEYS in result["result"]:
                    result["result"][_KEYS] = [k for k in result["result"][_KEYS] if not self._is_of(k)]
            body = json.dumps(document, ensure_ascii=False, indent=2).encode()
            scope.s3.put_object(Bucket=self._folder.bucket, Key=key, Body=body)
            number += 1
        with lease(scope.env, names.dq_results_lease(self.of.contract.layer), scope.run_id) as guard:
            table = delta_rows.open_at(scope.env, self._uri)
            if table is not None:
                guard.check()
                number += delta_rows.scrub(scope.s3, table, self._uri, self._condition, "sample_keys")
        for folder in (self._folder, S3Uri.parse(self._uri).folder):
            delete_older_versions(scope.s3, folder)
        return number

    def left(self) -> dict[str, Left]:
        return {}

    @property
    def _uri(self) -> str:
        return f"{names.dq_results_root(self.scope.env)}/{self.of.contract.layer}/results"

    @property
    def _folder(self) -> S3Uri:
        layer, name = self.of.table.split(".")
        return S3Uri.parse(names.dq_results_root(self.scope.env)).child(f"{layer}/{name}").folder

    @property
    def _condition(self) -> str:
        value = re.escape(json.dumps(delta_rows.typed_value(self.of, self.scope), ensure_ascii=False))
        pattern = f'"{self.of.column}":{value}[,}}]'.replace("'", "''")
        table = self.of.table
        return f"table_name = '{table}' AND array_to_string(sample_keys, ' ') ~ '{pattern}'"

    def _is_of(self, key: Any) -> bool:
        return isinstance(key, dict) and self.scope.subject_in(self.of).is_in_row(key, (self.of.column,))

    def _documents(self) -> list[tuple[str, dict[str, Any]]]:
        documents = []
        for key in keys_below(self.scope.s3, self._folder):
            body = self.scope.s3.get_object(Bucket=self._folder.bucket, Key=key)["Body"].read()
            document = json.loads(body)
            if any(self._is_of(k) for r in document["results"] for k in r["result"].get(_KEYS, [])):
                documents.append((key, document))
        return documents
