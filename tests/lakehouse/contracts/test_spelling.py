"""Names are one name whatever their case and Unicode normal form, as Python's unicodedata says."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from lakehouse.contracts.spelling import folded, lower_forms


@pytest.mark.parametrize("name", ["order_id", "Größe", "naïve", "Ångström", "ﬁle", "각"])
def test_every_spelling_of_a_name_is_folded_alike_and_is_one_of_its_forms(name: str) -> None:
    cases = [name, name.upper(), name.lower(), name.title()]
    spellings = [normalize(form, case) for case in cases for form in ("NFC", "NFD")]
    assert {folded(spelling) for spelling in spellings} == {folded(name)}
    assert {spelling.lower() for spelling in spellings} <= set(lower_forms(name))


def test_name_of_ascii_has_one_form_and_another_name_is_another() -> None:
    assert lower_forms("Order_ID") == ("order_id",)
    assert folded("naïve") != folded("naive")
