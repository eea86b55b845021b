"""dq_silver_gate: nothing goes on to gold while silver breaks a critical rule."""

from glue_jobs.kinds import Gate

JOB = Gate()
