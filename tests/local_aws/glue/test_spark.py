"""Spark of a run: its size follows from the workers, its settings and jars from the job's arguments."""

from __future__ import annotations

import json

from local_aws.glue.job_run import FAILED, SUCCEEDED
from tests.local_aws.glue.conftest import Scripts
from tests.local_aws.glue.wheels import zipped

SCRIPT = """
import json
from pyspark.sql import SparkSession

spark = SparkSession.builder.config("spark.of.the.script", "script").getOrCreate()
names = ["spark.master", "spark.of.conf", "spark.of.the.script", "spark.sql.shuffle.partitions"]
conf = {name: spark.conf.get(name) for name in names}
loader = spark._jvm.Thread.currentThread().getContextClassLoader()
conf["of the jar"] = loader.getResource("of_the_jar.txt") is not None
conf["heap"] = spark._jvm.Runtime.getRuntime().maxMemory()
spark.createDataFrame([(1,)], ["n"]).write.parquet("s3://BUCKET/rows")
conf["rows"] = spark.read.parquet("s3://BUCKET/rows").count()
print(json.dumps(conf))
"""


def test_settings_jars_cores_and_role_reach_spark(scripts: Scripts) -> None:
    jar = f"s3://{scripts.bucket}/lib/small.jar"
    scripts.s3.put_object(Bucket=scripts.bucket, Key="lib/small.jar", Body=zipped({"of_the_jar.txt": "x"}))
    conf = "spark.of.conf=a b --conf spark.sql.shuffle.partitions=3 --conf spark.master=local[64]"
    run = scripts.run(
        SCRIPT.replace("BUCKET", scripts.bucket), default_arguments={"--conf": conf, "--extra-jars": jar}
    )
    assert run.state == SUCCEEDED, scripts.output(run, "error")[-20:]
    shown = json.loads(scripts.output(run)[-1])
    heap = shown.pop("heap")
    assert shown == {
        "spark.master": "local[2]",
        "spark.of.conf": "a b",
        "spark.of.the.script": "script",
        "spark.sql.shuffle.partitions": "3",
        "of the jar": True,
        "rows": 1,
    }
    # Half of a machine of 8 GiB, of which Java keeps a part back.
    assert 3 * 2**30 < heap <= 4 * 2**30


def test_delta_comes_with_its_format_alone(scripts: Scripts) -> None:
    run = scripts.run("import delta\n")
    assert (run.state, run.error) == (FAILED, "ModuleNotFoundError: No module named 'delta'")
    run = scripts.run("import delta\n", default_arguments={"--datalake-formats": "delta"})
    assert run.state == SUCCEEDED, run.error
