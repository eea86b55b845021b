#!/bin/sh
# MWAA runs this in every container before Airflow starts. The stack states the environment as an option of Airflow; the facts read LAKEHOUSE_ENV.
export LAKEHOUSE_ENV="${AIRFLOW__LAKEHOUSE__ENV:?the stack sets lakehouse.env}"
# Only the stack reports to anyone.
export DO_NOT_TRACK=1
