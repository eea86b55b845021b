"""Which personal data a column seems to hold, by its name and by its values."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Tag of pii → the names that speak of it, by whole words of a snake-case name.
_NAMES = {
    "email": r"e?mail(_address)?",
    "phone": r"(tele)?phone|mobile|fax|tel",
    "birth_date": r"birth(day|date|_date)?|dob|date_of_birth",
    "government_id": r"ssn|passport|tax_id|national_id|social_security(_number)?|driver_licen[cs]e",
    "payment": r"iban|card_number|credit_card|account_number|pan",
    "name": r"(first|last|full|middle|given|family|maiden|sur)_?name|surname"
    r"|(contact|customer|rider|user|person|owner|author)_?name",
    "online": r"ip(_address)?|user_agent|cookie|device_id|username|login|url|referr?er",
    "address": r"address|street|post_?code|zip(_?code)?|latitude|longitude|lat|lon|lng",
    "protected": r"gender|sex|race|ethnicity|religion|nationality|marital(_status)?|disability|age",
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+[0-9][0-9 ()/.-]{7,}")
_IP = re.compile(r"([0-9]{1,3}\.){3}[0-9]{1,3}")
_CONTENT = {"email": _EMAIL, "phone": _PHONE, "online": _IP}
# A value of ten that looks like one makes the column one: rather a mask too many.
_SHARE = 0.1


def pii_of(name: str, values: Iterable[str]) -> str:
    """The tag's value; `none` where neither the name nor the values speak of a person."""
    for tag, pattern in _NAMES.items():
        if re.search(rf"(^|_)({pattern})(_|$|[0-9])", name):
            return tag
    texts = list(values)
    for tag, content in _CONTENT.items():
        if texts and sum(bool(content.fullmatch(text)) for text in texts) >= _SHARE * len(texts):
            return tag
    return "none"
