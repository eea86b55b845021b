"""dq_gold_gate: nothing is registered or published while gold breaks a critical rule."""

from glue_jobs.kinds import Gate

JOB = Gate()
