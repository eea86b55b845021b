"""Personal data is found by the name of a column and by its values."""

from __future__ import annotations

import pytest

from cli.onboard.personal import pii_of


@pytest.mark.parametrize(
    ("name", "pii"),
    [
        ("email", "email"),
        ("contact_mail", "email"),
        ("mailbox_size", "none"),
        ("work_email_address", "email"),
        ("phone_number", "phone"),
        ("first_name", "name"),
        ("customer_name", "name"),
        ("product_name", "none"),
        ("street", "address"),
        ("streetcar_line", "none"),
        ("postcode", "address"),
        ("date_of_birth", "birth_date"),
        ("ip_address", "online"),
        ("ship_date", "none"),
        ("gender", "protected"),
        ("age", "protected"),
        ("page", "none"),
        ("iban", "payment"),
    ],
)
def test_name_speaks_of_a_person(name: str, pii: str) -> None:
    assert pii_of(name, ()) == pii


def test_values_speak_of_a_person_where_the_name_does_not() -> None:
    assert pii_of("contact", ["a@b.ch", "none"]) == "email"
    assert pii_of("caller", ["+41 44 123 45 67"]) == "phone"
    assert pii_of("host", ["10.0.0.1"]) == "online"
    assert pii_of("version", ["1.2.3"]) == "none"
