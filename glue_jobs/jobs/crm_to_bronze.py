"""crm_to_bronze: accounts, contacts and opportunities that the CRM drops as JSON lines."""

from glue_jobs.kinds import Ingest

JOB = Ingest()
