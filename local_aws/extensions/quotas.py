"""Service Quotas: those of Glue that decide how many jobs run at once, with the values of a new account."""

from __future__ import annotations

from typing import Any

from local_aws.extensions.calls import ApiError, Call, target

# https://docs.aws.amazon.com/general/latest/gr/glue.html
_GLUE = {"Max concurrent job runs per account": 50.0, "Max task DPUs per account": 300.0}


@target("servicequotas", "ListServiceQuotas")
def list_quotas(call: Call) -> dict[str, Any]:
    service = call.params["ServiceCode"]
    if service != "glue":
        raise ApiError("NoSuchResourceException", f"No quotas of service {service} are kept here.")
    return {
        "Quotas": [
            {
                "ServiceCode": service,
                "ServiceName": "AWS Glue",
                "QuotaName": name,
                "Value": value,
                "Unit": "None",
                "Adjustable": True,
                "GlobalQuota": False,
            }
            for name, value in _GLUE.items()
        ]
    }
