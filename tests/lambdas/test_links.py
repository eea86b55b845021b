"""The links of a message."""

from __future__ import annotations

import pytest

from lambdas.common import links
from tests.lambdas.test_notification import SETTINGS


@pytest.mark.parametrize(
    ("code", "page"),
    [("RUN301", "dq-failover"), ("RUN020", "stuck-lease"), ("RUN999", "job-failed"), ("", "job-failed")],
)
def test_an_error_code_has_its_runbook(code: str, page: str) -> None:
    assert links.runbook(SETTINGS, code) == f"https://docs/runbooks/{page}.md"


def test_a_finding_links_its_section() -> None:
    link = links.runbook(SETTINGS, finding="never_started")
    assert link == "https://docs/runbooks/sla-findings.md#never-started"


def test_the_logs_of_a_run_are_filtered_by_its_id_and_escaped_as_cloudwatch_does() -> None:
    link = links.logs(SETTINGS, "jr_1")
    assert "log-group/$252Fjobs$252Ferror" in link
    assert link.endswith("$3FlogStreamNameFilter$3Djr_1")
