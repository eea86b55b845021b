"""Keeps values of rows out of what the JVM of this process logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Whatever logs an exception in the JVM, its message and what follows the name of its class may quote a row.
_LOG_LINE = (
    r"%d{yy/MM/dd HH:mm:ss} %p %c{1}: "
    r"%replace{%m}{(?s)((?:Exception|Error)\b).*}{$1 (its message may quote a row and is not shown)}"
    r"%n%ex{none}"
)
# Classes of org.apache.spark that log exceptions of tasks and queries.
_QUOTING_LOGGERS = (
    "executor.Executor",
    "scheduler.TaskSetManager",
    "util.Utils",
    "api.python.PythonRunner",
    "sql.execution.datasources.FileFormatWriter",
    "sql.execution.streaming.MicroBatchExecution",
    "sql.execution.streaming.StreamExecution",
    "sql.execution.streaming.sources.ForeachBatchSink",
)


def hide_rows(spark: SparkSession) -> None:
    """Silences the classes that log the exception of a task as it is. What others log of an exception is its
    class, without its message.

    Python gets the same exceptions, and reports them without rows.
    """
    log4j = spark.sparkContext._jvm.org.apache.logging.log4j  # type: ignore[union-attr]
    context = log4j.LogManager.getContext(False)
    configuration = context.getConfiguration()
    for logger in configuration.getLoggers().values():
        for name, appender in dict(logger.getAppenders()).items():
            if appender.getClass().getSimpleName() == "ConsoleAppender":
                logger.removeAppender(name)
                logger.addAppender(_console(log4j.core, configuration, name), None, None)
    context.updateLoggers()
    for name in _QUOTING_LOGGERS:
        log4j.core.config.Configurator.setLevel(f"org.apache.spark.{name}", log4j.Level.OFF)


def _console(core: Any, configuration: Any, name: str) -> Any:
    """An appender to stderr that writes no message of an exception."""
    layout = core.layout.PatternLayout.newBuilder()
    layout = layout.withPattern(_LOG_LINE).withConfiguration(configuration).build()
    console = core.appender.ConsoleAppender
    appender = console.newBuilder().setTarget(console.Target.SYSTEM_ERR)
    appender = appender.setName(name).setLayout(layout).setConfiguration(configuration).build()
    appender.start()
    return appender
