"""The codes of commands that start deployed jobs, move positions, read days again, or bring tables back."""

from __future__ import annotations

COMMAND_TITLES: dict[str, str] = {
    "RUN520": "a run in this process is for a local world alone",
    "RUN521": "a job is not deployed",
    "RUN522": "Glue does not start a run",
    "RUN512": "there is no such release",
    "RUN532": "another role than the deployer's deploys",
    "RUN533": "a plan is not the one that was reviewed",
    "RUN527": "a table has not followed a table with hashes to its end",
    "RUN528": "a subject names nobody in a table",
    "RUN529": "a reader has not read a table that is to be erased from",
    "RUN600": "a watermark cannot stand at a position",
    "RUN601": "a run has not done what is to be undone",
    "RUN602": "a backfill stopped",
    "RUN603": "there is no such backfill",
    "RUN604": "a table has no such state",
    "RUN605": "the files of an old version are deleted",
    "RUN606": "old rows of a real environment cannot be read from here",
    "RUN607": "a state of a table holds a key twice",
    "RUN608": "a table was written since a plan was shown",
    "RUN609": "the second region has no copies",
    "RUN630": "no such replay",
    "RUN631": "a table takes no single rows",
    "RUN632": "a file of edited rows is wrong",
    "RUN633": "a replay was killed, and rows would be discarded",
    "RUN634": "a file is not in the form of its source",
    "RUN635": "a file cannot be read or written",
    "RUN636": "AWS refused a call",
    "RUN637": "AWS was not reached",
    "RUN638": "an error that nobody foresaw",
}
