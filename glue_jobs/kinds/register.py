"""Tables in the Glue catalog with their real columns, comments, keys and tags, as Athena and Lake Formation want them."""

from __future__ import annotations

from typing import Any

from environments import names
from glue_jobs.kinds.parallel import side_by_side
from glue_jobs.run_context import RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.tables import log
from schemas import Contract


class Register:
    """Registers every table that the job row reads; what is registered already is brought up to date."""

    def execute(self, run: RunContext) -> None:
        for layer in sorted({t.split(".")[0] for t in run.job.reads}):
            _database(run, layer)
        side_by_side(lambda table: self._register(run, run.contract(table)), run.job.reads)

    def _register(self, run: RunContext, contract: Contract) -> None:
        version = log.version(run.session, run.uri(contract.table))
        if version < 0:
            from glue_jobs.errors import RunError

            raise RunError(f"table {contract.table} does not exist at {run.uri(contract.table)}", code="RUN201")
        glue, database = run.aws.glue, names.database(run.env, contract.layer)
        wanted: Any = table_input(contract, run.uri(contract.table))
        try:
            glue.update_table(DatabaseName=database, TableInput=wanted)
        except glue.exceptions.EntityNotFoundException:
            glue.create_table(DatabaseName=database, TableInput=wanted)
        run.count(contract.table, Counts())


def _database(run: RunContext, layer: str) -> None:
    glue, name = run.aws.glue, names.database(run.env, layer)
    try:
        glue.create_database(DatabaseInput={"Name": name, "Description": f"The {layer} layer of {run.env.project} in {run.env.name}"})
    except glue.exceptions.AlreadyExistsException:
        pass


def table_input(contract: Contract, location: str) -> dict[str, Any]:
    """Glue's TableInput of a Delta table. Athena reads Delta by its log and takes partitions for plain columns."""
    columns = []
    for name, kind in contract.stored:
        column = contract.by_name.get(name)
        columns.append({"Name": name, "Type": kind, "Comment": (column.schema.description if column else "Added at ingest")[:255]})
    return {
        "Name": contract.name,
        "Description": contract.description[:2048],
        "TableType": "EXTERNAL_TABLE",
        "Owner": contract.lake.owner,
        "Parameters": {
            "table_type": "delta",
            "classification": "delta",
            "EXTERNAL": "TRUE",
            "spark.sql.sources.provider": "delta",
            "contract_version": str(contract.lake.version),
            "primary_key": ",".join(contract.primary_key),
        },
        "StorageDescriptor": {
            "Columns": columns,
            "Location": location,
            "InputFormat": "org.apache.hadoop.mapred.SequenceFileInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"path": location, "serialization.format": "1"},
            },
        },
    }
