"""What executors log by the file that they are given quotes no message of an exception."""

from __future__ import annotations

from typing import Any

from pyspark.sql import SparkSession

from lakehouse.environments.jvm_logs import QUOTING_LOGGERS, log4j_properties


def test_the_file_of_executors_hides_rows_in_exceptions(spark: SparkSession) -> None:
    jvm: Any = spark._jvm
    log4j, core = jvm.org.apache.logging.log4j, jvm.org.apache.logging.log4j.core
    text = jvm.java.io.ByteArrayInputStream(log4j_properties().encode())
    context = core.LoggerContext("executors")
    source = core.config.ConfigurationSource(text)
    configuration = core.config.properties.PropertiesConfigurationFactory().getConfiguration(context, source)
    configuration.initialize()
    layout = configuration.getAppender("console").getLayout()

    def line(message: str) -> str:
        event = (
            core.impl.Log4jLogEvent.newBuilder().setLoggerName("org.example.Any").setLevel(log4j.Level.WARN)
        )
        event = event.setMessage(log4j.message.SimpleMessage(message))
        thrown = jvm.java.lang.IllegalStateException("canary@example.com")
        return str(layout.toSerializable(event.setThrown(thrown).build()))

    assert "canary" not in line("Lost task: java.lang.RuntimeException: canary@example.com\n at x")
    assert "RuntimeException (its message may quote a row and is not shown)" in line("RuntimeException: x")
    assert "WARN Any: disk is slow" in line("disk is slow")
    levels = {str(configuration.getLoggerConfig(name).getLevel()) for name in QUOTING_LOGGERS}
    assert (levels, str(configuration.getRootLogger().getLevel())) == ({"OFF"}, "WARN")
