"""Glue's quotas of a new account."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.extensions.conftest import Client, code_of


def test_the_quotas_of_glue_are_listed_and_of_no_other_service(client: Client) -> None:
    quotas = client("service-quotas")
    values = {q["QuotaName"]: q["Value"] for q in quotas.list_service_quotas(ServiceCode="glue")["Quotas"]}
    assert values["Max concurrent job runs per account"] == 50
    with pytest.raises(ClientError) as caught:
        quotas.list_service_quotas(ServiceCode="sqs")
    assert code_of(caught) == "NoSuchResourceException"
