"""The Glue of the embedded AWS: it executes job runs, each in a process of its own.

`runs.JobRuns` accepts, queues, stops and retries runs; `execution` prepares and watches one of them.
"""
