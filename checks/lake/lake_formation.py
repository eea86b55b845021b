"""Lake Formation: it is on only when nothing is open by default, to anybody, or past it."""

from __future__ import annotations

from lake_check import LakeCheck, many, one

_PERMISSIONS = "aws_lakeformation_permissions"
_SETTINGS = "aws_lakeformation_data_lake_settings"
_EVERYBODY = ("IAM_ALLOWED_PRINCIPALS", "IAMAllowedPrincipals", "EVERYONE")
_ADMINISTER = {"ALL", "SUPER", "CREATE_LF_TAG", "CREATE_LF_TAG_EXPRESSION", "GRANT_WITH_LF_TAG_EXPRESSION"}


def _closed_by_default(conf: dict) -> bool:
    blocks = [
        b
        for name in ("create_database_default_permissions", "create_table_default_permissions")
        for b in many(conf, name)
    ]
    # Not stated at all would leave what AWS has set: everything, to everybody.
    stated = {"create_database_default_permissions", "create_table_default_permissions"} <= conf.keys()
    return stated and not any(many(block, "permissions") for block in blocks if isinstance(block, dict))


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
    """Tables or columns, never a wildcard of columns: mixing the two for one principal is a known fault of the provider."""
    return one(conf, "table_with_columns", "wildcard") is not True


CHECKS = [
    LakeCheck(1, "Lake Formation gives nothing by default", _SETTINGS, _closed_by_default),
    LakeCheck(2, "Lake Formation grants name a principal, not everybody", _PERMISSIONS, _named_principal),
    LakeCheck(3, "Lake Formation locations are registered without hybrid access", "aws_lakeformation_resource",
              lambda conf: one(conf, "hybrid_access_enabled") is not True),
    LakeCheck(5, "Lake Formation grants are never ALL", _PERMISSIONS, _not_all),
    LakeCheck(6, "Lake Formation grants cannot be passed on", _PERMISSIONS, lambda conf: not many(conf, "permissions_with_grant_option")),
    LakeCheck(7, "Lake Formation grants on columns name them", _PERMISSIONS, _one_way_of_naming),
    LakeCheck(8, "Lake Formation has an administrator, and few", _SETTINGS, lambda conf: 1 <= len(many(conf, "admins")) <= 3),
]  # fmt: skip
