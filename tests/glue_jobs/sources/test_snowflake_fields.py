"""Values of Snowflake are transferred in a form that loses nothing."""

from __future__ import annotations

import pytest

from glue_jobs.sources.snowflake_fields import DOCUMENTS, FIXED, NTZ, TEXT, TIME, Field


@pytest.mark.parametrize(
    ("code", "expression"),
    [
        (NTZ, 'DATE_PART(EPOCH_MICROSECOND, "c")'),
        (DOCUMENTS[0], 'TO_JSON("c")'),
        (TIME, 'TO_VARCHAR("c")'),
        (TEXT, '"c"'),
    ],
)
def test_a_type_is_selected_in_its_form_of_transfer(code: int, expression: str) -> None:
    assert Field("c", code, 38, 0, "string").expression('"c"') == expression


@pytest.mark.parametrize(
    ("precision", "scale", "contract_type", "is_integer"),
    [
        (18, 0, "decimal(18,0)", True),
        (38, 0, "bigint", True),
        (38, 0, "decimal(38,0)", False),
        (18, 2, "bigint", False),
    ],
)
def test_a_number_is_an_integer_when_its_type_or_the_contract_says_so(
    precision: int, scale: int, contract_type: str, is_integer: bool
) -> None:
    assert Field("c", FIXED, precision, scale, contract_type).is_integer is is_integer
