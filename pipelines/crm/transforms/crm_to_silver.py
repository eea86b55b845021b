"""crm_to_silver: the newest version of each account, contact and opportunity, merged by key and time.

The contracts mask personal data and choose the columns.
"""

from pyspark.sql import DataFrame


def accounts(*, bronze_crm_accounts: DataFrame) -> DataFrame:
    return bronze_crm_accounts


def contacts(*, bronze_crm_contacts: DataFrame) -> DataFrame:
    return bronze_crm_contacts


def opportunities(*, bronze_crm_opportunities: DataFrame) -> DataFrame:
    return bronze_crm_opportunities
