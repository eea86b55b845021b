"""Checks that Lake Formation decides about all access.

It does only when nothing is open by default, to everybody, or past Lake Formation.
"""

from __future__ import annotations

from lake_check import LakeCheck, many, one

_PERMISSIONS = "aws_lakeformation_permissions"
_RESOURCE = "aws_lakeformation_resource"
_SETTINGS = "aws_lakeformation_data_lake_settings"
_DEFAULTS = {"create_database_default_permissions", "create_table_default_permissions"}
_EVERYBODY = ("IAM_ALLOWED_PRINCIPALS", "IAMAllowedPrincipals", "EVERYONE")
_ADMINISTER = {"ALL", "SUPER", "CREATE_LF_TAG", "CREATE_LF_TAG_EXPRESSION", "GRANT_WITH_LF_TAG_EXPRESSION"}


def _closed_by_default(conf: dict) -> bool:
    blocks = [block for name in _DEFAULTS for block in many(conf, name)]
    # A setting that is left out keeps AWS's own default: everything, to everybody.
    return conf.keys() >= _DEFAULTS and not any(
        many(block, "permissions") for block in blocks if isinstance(block, dict)
    )


def _named_principal(conf: dict) -> bool:
    principal = str(one(conf, "principal"))
    return (
        principal not in _EVERYBODY
        and not principal.endswith((":IAMPrincipals", ":root"))
        and "*" not in principal
    )


def _not_all(conf: dict) -> bool:
    return not {str(p).upper() for p in many(conf, "permissions")} & _ADMINISTER


def _one_way_of_naming(conf: dict) -> bool:
    """No wildcard of columns: the provider confuses a principal's grants on tables and on all columns."""
    return one(conf, "table_with_columns", "wildcard") is not True


def _not_hybrid(conf: dict) -> bool:
    return one(conf, "hybrid_access_enabled") is not True


def _cannot_be_passed_on(conf: dict) -> bool:
    return not many(conf, "permissions_with_grant_option")


def _few_administrators(conf: dict) -> bool:
    return 1 <= len(many(conf, "admins")) <= 3


CHECKS = [
    LakeCheck(1, "Lake Formation gives nothing by default", _SETTINGS, _closed_by_default),
    LakeCheck(2, "Lake Formation grants name a principal, not everybody", _PERMISSIONS, _named_principal),
    LakeCheck(3, "Lake Formation locations are registered without hybrid access", _RESOURCE, _not_hybrid),
    LakeCheck(5, "Lake Formation grants are never ALL", _PERMISSIONS, _not_all),
    LakeCheck(6, "Lake Formation grants cannot be passed on", _PERMISSIONS, _cannot_be_passed_on),
    LakeCheck(7, "Lake Formation grants on columns name them", _PERMISSIONS, _one_way_of_naming),
    LakeCheck(8, "Lake Formation has an administrator, and few", _SETTINGS, _few_administrators),
]
