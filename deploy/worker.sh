#!/bin/sh
# A worker that executes one step at a time: worker.sh NAME QUEUE[,QUEUE...]
#   worker.sh cpu dagster        everything that calls no model
#   worker.sh gpu gpu,dagster    on the machine with the graphics processor: that, and its own host's
# Queues are one list: of several -q, Celery would take the last alone.
set -eu
exec dagster-celery worker start -A dagster_celery.app -y "$BENCHAGENT_EXECUTOR_CONFIG" \
  -n "$1" -q "$2" -- --concurrency 1
