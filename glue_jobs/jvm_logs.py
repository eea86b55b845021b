"""Keeps values of rows out of what the JVM of this process logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lakehouse.environments.jvm_logs import LOG_LINE, QUOTING_LOGGERS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


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
    for name in QUOTING_LOGGERS:
        log4j.core.config.Configurator.setLevel(name, log4j.Level.OFF)


def _console(core: Any, configuration: Any, name: str) -> Any:
    """An appender to stderr that writes no message of an exception."""
    layout = core.layout.PatternLayout.newBuilder()
    layout = layout.withPattern(LOG_LINE).withConfiguration(configuration).build()
    console = core.appender.ConsoleAppender
    appender = console.newBuilder().setTarget(console.Target.SYSTEM_ERR)
    appender = appender.setName(name).setLayout(layout).setConfiguration(configuration).build()
    appender.start()
    return appender
