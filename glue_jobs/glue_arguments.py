"""The names of the arguments that Glue itself reads or passes to a script."""

from __future__ import annotations

# https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
# and what Glue itself passes to a script.
_GLUES = """
JOB_NAME JOB_ID JOB_RUN_ID TempDir SECURITY_CONFIGURATION RedshiftTempDir additional-python-modules
auto-scale-within-microbatch class conf continuous-log-conversionPattern continuous-log-logGroup
continuous-log-logStreamPrefix custom-logGroup-prefix custom-logStream-prefix customer-driver-env-vars
customer-executor-env-vars datalake-formats disable-proxy disable-proxy-v2 enable-auto-scaling
enable-continuous-cloudwatch-log enable-continuous-log-filter enable-glue-datacatalog enable-job-insights
enable-lakeformation-fine-grained-access enable-metrics enable-observability-metrics
enable-rename-algorithm-v2 enable-s3-parquet-optimized-committer enable-spark-ui enable-upgrade-analysis
encryption-type executor-cores extra-files extra-jars extra-py-files job-bookmark-from job-bookmark-option
job-bookmark-to job-language python-modules-installer-option redirect-url scriptLocation spark-event-logs-path
user-jars-first use-postgres-driver write-shuffle-files-to-s3 write-shuffle-spills-to-s3
"""
GLUES = frozenset(_GLUES.split())
