"""Makes the class archives of Spark and the Kafka broker: `python -m local_aws.class_archive_training`.

It runs each program on a little data, so that Java loads the classes of a typical job. Java writes the
archive when the program exits. It takes 90 seconds of processor time, and none when the archives are current.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glue_jobs.session import spark_session
from lakehouse.environments import Environment, load_environment, names
from lakehouse.project import Project
from local_aws.class_archive import (
    archive_of,
    base_archive,
    is_current,
    make_base_archive,
    publish,
    training_options,
)
from local_aws.control import stop_service
from local_aws.files import platform_files, read_json
from local_aws.jars import ensure_jars
from local_aws.local_platform import LocalPlatform

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ROWS = 200
_TOPIC = "training"
_EXIT_SECONDS = 600


def main() -> None:
    env = _local_environment()
    jars = ensure_jars()
    if env is None or (is_current(jars.spark) and is_current(jars.kafka)):
        return
    with tempfile.TemporaryDirectory(dir=jars.spark.parent, prefix=".training-") as temporary:
        folder = Path(temporary)
        spark, kafka = folder / "spark.jsa", folder / "kafka.jsa"
        base = base_archive(jars.spark)
        make_base_archive(base)
        dumping = {"spark": training_options(base, spark), "kafka": training_options(base, kafka)}
        platform = LocalPlatform.start(
            env, folder / "platform", only=("aws", "kafka", "postgres"), java_options=dumping
        )
        try:
            _train(env, platform)
            stop_service(platform.workdir, "kafka")
        finally:
            platform.stop()
        publish(spark, jars.spark)
        publish(kafka, jars.kafka)
    for jar_folder in (jars.spark, jars.kafka):
        archive = archive_of(jar_folder)
        print(f"{archive.name}: {archive.stat().st_size / 1e6:.0f} MB")


def _local_environment() -> Environment | None:
    """The project's environment of one machine, if it has one."""
    environments = map(load_environment, Project.find().settings.environments)
    return next((env for env in environments if env.overlay is not None), None)


def _train(env: Environment, platform: LocalPlatform) -> None:
    overlay = json.loads(platform.overlay.read_text())
    live = env.model_copy(
        update={part: getattr(env, part).model_copy(update=overlay[part]) for part in ("aws", "spark")}
    )
    secrets = read_json(platform_files(platform.workdir).secrets) or {}
    spark = spark_session(live)
    gateway: Any = spark.sparkContext._gateway
    try:
        rows = _delta(spark, f"s3://{names.bucket(live, names.Zone.BRONZE)}/training")
        _files(rows, f"s3://{names.bucket(live, names.Zone.SILVER)}/training")
        _topic(rows, f"s3://{names.bucket(live, names.Zone.GOLD)}/training", secrets[live.kafka.secret])
        _database(rows, secrets[live.redshift.secret])
    finally:
        spark.stop()
        gateway.shutdown()
        # Java ends with its standard input, and writes the archive then.
        gateway.proc.stdin.close()
        try:
            gateway.proc.wait(_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            gateway.proc.kill()
            raise


def _delta(spark: SparkSession, path: str) -> DataFrame:
    """Create, append, merge, delete, compact and read a table."""
    from delta.tables import DeltaTable
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    rows = spark.range(_ROWS).select(
        "id",
        F.concat(F.lit("name "), F.col("id").cast("string")).alias("name"),
        (F.col("id") * 1.5).cast("decimal(18,2)").alias("amount"),
        F.date_add(F.lit("2024-01-01").cast("date"), (F.col("id") % 3).cast("int")).alias("day"),
        F.current_timestamp().alias("at"),
        F.sha2(F.to_json(F.struct("id")), 256).alias("hash"),
    )
    rows.write.format("delta").partitionBy("day").save(path)
    rows.limit(10).write.format("delta").mode("append").save(path)
    table = DeltaTable.forPath(spark, path)
    latest = Window.partitionBy("id").orderBy(F.col("at").desc())
    source = rows.withColumn("rank", F.row_number().over(latest)).filter("rank = 1").drop("rank")
    merge = table.alias("t").merge(source.alias("s"), "t.id = s.id AND t.day = s.day")
    merge.whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()
    table.delete("id = 3")
    table.optimize().executeCompaction()
    table.history(1).collect()
    stored = spark.read.format("delta").load(path)
    stored.join(rows, "id").groupBy(stored["day"]).agg(F.sum(stored["amount"]), F.count("*")).collect()
    return stored


def _files(rows: DataFrame, path: str) -> None:
    """Write and read CSV, JSON and Parquet."""
    for kind in ("csv", "json", "parquet"):
        rows.write.format(kind).save(f"{path}/{kind}")
        rows.sparkSession.read.format(kind).schema(rows.schema).load(f"{path}/{kind}").collect()


def _topic(rows: DataFrame, path: str, secret: dict[str, Any]) -> None:
    """Write a topic, and stream it into a table."""
    broker = {"kafka.bootstrap.servers": secret["bootstrap_servers"]}
    messages = rows.selectExpr("to_json(struct(*)) AS value")
    messages.write.format("kafka").options(**broker, topic=_TOPIC).save()
    reader = rows.sparkSession.readStream.format("kafka").options(**broker, subscribe=_TOPIC)
    stream = reader.option("startingOffsets", "earliest").load().selectExpr("CAST(value AS STRING) AS value")

    def write(batch: DataFrame, _number: int) -> None:
        batch.selectExpr("from_json(value, 'id BIGINT, name STRING') AS row").write.format("delta").mode(
            "append"
        ).save(path)

    query = stream.writeStream.foreachBatch(write).option("checkpointLocation", f"{path}-checkpoint")
    query.trigger(availableNow=True).start().awaitTermination()


def _database(rows: DataFrame, secret: dict[str, Any]) -> None:
    """Write and read a table over JDBC."""
    options = {
        "url": f"jdbc:postgresql://{secret['host']}:{secret['port']}/{secret['dbname']}",
        "user": secret["user"],
        "password": secret["password"],
        "driver": "org.postgresql.Driver",
        "dbtable": "training",
    }
    rows.write.format("jdbc").options(**options).save()
    rows.sparkSession.read.format("jdbc").options(**options).load().toPandas()


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # set-up goes on: an archive saves time, and nothing needs it
        print(f"no class archives were made; Java starts without them: {error}", file=sys.stderr)
