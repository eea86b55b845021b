"""What the JVMs of Spark log: no message of an exception, since it may quote a row.

The driver's configuration is changed when its session starts. Executors of Glue read theirs from a file that
every job is given: `--extra-files`.
"""

from __future__ import annotations

# Whatever logs an exception in the JVM, its message and what follows the name of its class may quote a row.
LOG_LINE = (
    r"%d{yy/MM/dd HH:mm:ss} %p %c{1}: "
    r"%replace{%m}{(?s)((?:Exception|Error)\b).*}{$1 (its message may quote a row and is not shown)}"
    r"%n%ex{none}"
)
# Classes that log exceptions of tasks and queries as they are.
QUOTING_LOGGERS = tuple(
    f"org.apache.spark.{name}"
    for name in (
        "executor.Executor",
        "scheduler.TaskSetManager",
        "util.Utils",
        "api.python.PythonRunner",
        "sql.execution.datasources.FileFormatWriter",
        "sql.execution.streaming.MicroBatchExecution",
        "sql.execution.streaming.StreamExecution",
        "sql.execution.streaming.sources.ForeachBatchSink",
    )
)
# The name under which log4j looks for its configuration on the class path.
FILE = "log4j2.properties"


def log4j_properties() -> str:
    """The configuration of log4j 2 for an executor: warnings, to standard error."""
    lines = {
        "status": "error",
        "appender.console.type": "Console",
        "appender.console.name": "console",
        "appender.console.target": "SYSTEM_ERR",
        "appender.console.layout.type": "PatternLayout",
        "appender.console.layout.pattern": LOG_LINE.replace("\\", "\\\\"),
        "rootLogger.level": "warn",
        "rootLogger.appenderRef.console.ref": "console",
    }
    for number, name in enumerate(QUOTING_LOGGERS):
        lines |= {f"logger.quoting{number}.name": name, f"logger.quoting{number}.level": "off"}
    return "".join(f"{key} = {value}\n" for key, value in lines.items())
