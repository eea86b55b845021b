"""Single faults of the small policy: an edit of one of its files, and the fault that the edit causes."""

from __future__ import annotations

from typing import NamedTuple

TAGS, GRANTS, FILTERS = (f"lakeformation/{name}.yml" for name in ("tags", "grants", "row_filters"))
SILVER, BRONZE = "schemas/silver/orders.schema.json", "schemas/bronze/orders.schema.json"


class PolicyFault(NamedTuple):
    """In `file`, `old` becomes `new`. The fault has a code, a value and the nearest name.

    Its line and column are those of `mark` in the edited file.
    """

    file: str
    old: str
    new: str
    code: str
    mark: str
    value: str
    nearest: str


def case(
    file: str, old: str, new: str, code: str, value: str, nearest: str = "", mark: str | None = None
) -> PolicyFault:
    """A fault whose mark is its value, where none is given."""
    return PolicyFault(file, old, new, code, value if mark is None else mark, value, nearest)


CASES = {
    "tag-not-declared-in-a-grant": case(
        GRANTS, "rows: [all]", "row: [all]", "LK401", "row", "rows", mark="row: [all]"
    ),
    "tag-not-declared-in-a-contract": case(
        SILVER, '{"pii": "masked"}', '{"pi": "masked", "pii": "masked"}', "LK401", "pi", "pii", mark='"pi"'
    ),
    "value-not-allowed-in-a-grant": case(
        GRANTS, "pii: [none]", "pii: [mask]", "LK402", "mask", "masked", mark="mask]"
    ),
    "value-not-allowed-in-a-contract": case(
        BRONZE, '{"pii": "email"}', '{"pii": "emial"}', "LK402", "emial", "email", mark='"emial"'
    ),
    "value-not-allowed-as-a-default": case(
        TAGS, "default: all", "default: al", "LK402", "al", "all", mark="al\n"
    ),
    "value-not-allowed-of-an-owner": case(
        TAGS, "{retail_data: retail}", "{retail_data: retial}", "LK402", "retial", "retail"
    ),
    "value-not-allowed-of-a-layer": case(TAGS, "silver: silver", "silver: slver", "LK402", "slver", "silver"),
    "grant-to-an-unknown-role": case(
        GRANTS, "- role: steward", "- role: stewrd", "LK403", "stewrd", "steward"
    ),
    "filter-for-an-unknown-role": case(
        FILTERS, "role: analyst", "role: analysts", "LK403", "analysts", "analyst"
    ),
    "grant-on-an-unknown-table": case(
        GRANTS,
        "table: gold.orders",
        "table: gold.order",
        "LK208",
        "gold.order",
        "gold.orders",
        mark="gold.order\n",
    ),
    "filter-of-an-unknown-table": case(
        FILTERS,
        "silver.orders",
        "silver.order",
        "LK208",
        "silver.order",
        "silver.orders",
        mark="silver.order\n",
    ),
    "tag-of-an-unknown-table": case(
        TAGS, "silver.orders:", "silver.ordres:", "LK208", "silver.ordres", "silver.orders"
    ),
    "grant-on-an-unknown-column": case(
        GRANTS, "[order_id, amount]", "[order_id, amuont]", "LK206", "amuont", "amount"
    ),
    "filter-without-an-unknown-column": case(
        FILTERS, "[email]", "[email, ordr_id]", "LK206", "ordr_id", "order_id"
    ),
    "grant-to-everybody": case(GRANTS, "- role: analyst", '- role: "*"', "LK405", "*", mark='"*"'),
    "grant-to-iam-allowed-principals": case(
        GRANTS,
        "- role: analyst",
        "- role: IAM_ALLOWED_PRINCIPALS",
        "LK405",
        "IAM_ALLOWED_PRINCIPALS",
        mark="IAM_",
    ),
    "role-of-everybody": case(GRANTS, "groups: [analysts]", "groups: [everyone]", "LK405", "everyone"),
    "rows-of-an-unknown-column": case(
        FILTERS, "amount > 0", "amuont > 0", "LK406", "amuont", "amount", mark="currency ="
    ),
    "rows-of-another-type": case(
        FILTERS, "amount > 0", "amount > 'a'", "LK406", "currency = 'EUR' and amount > 'a'", mark="currency ="
    ),
    "rows-that-are-no-expression": case(
        FILTERS, "amount > 0", "amount >", "LK406", "currency = 'EUR' and amount >", mark="currency ="
    ),
    "filter-that-shows-masked-data-unnamed": case(
        FILTERS, "[email]", "[order_id]", "LK408", "email", mark="euros"
    ),
    "owner-without-a-domain": case(
        SILVER,
        '"owner": "retail_data"',
        '"owner": "retial_data"',
        "LK409",
        "retial_data",
        "retail_data",
        mark='"retial_data"',
    ),
    "layer-without-a-value": case(
        TAGS, ", gold: gold}\n  domain", "}\n  domain", "LK409", "layer", mark="layer:"
    ),
    "masked-column-without-a-tag": case(
        BRONZE, '"tags": {"pii": "email"}, ', "", "LK410", "email", mark='"email"'
    ),
    "derived-column-without-a-tag": case(
        SILVER, '"tags": {"pii": "masked"}, ', "", "LK410", "email", mark='"email"'
    ),
    "unknown-key": case(
        GRANTS, "    groups: [analysts]", "    group: [analysts]", "LK101", "group", "groups", mark="group:"
    ),
    "missing-key": case(FILTERS, "    reason: Only those.\n", "", "LK102", "reason", mark="name: euros"),
    "unknown-permission": case(GRANTS, "[describe, select]", "[describe, selct]", "LK103", "selct", "select"),
    "no-value-of-a-tag": case(GRANTS, "pii: [none]", "pii: []", "LK103", "[]"),
    "name-twice": case(TAGS, "  rows:\n", "  pii:\n", "LK005", "pii", mark="pii:\n    description: Whether"),
}
