-- The newest version of each application beside the newest state of its loan.
-- Both sources send a row for each change, some twice and some late: the greatest updated_at holds, and of equal ones the same in any order.
CREATE OR REPLACE TABLE bronze.loan_raw AS
WITH application AS (
  SELECT application_id, max_by(struct(*), struct(updated_at, status, requested_amount, duration_months)) AS newest
  FROM bronze.loan_applications
  GROUP BY application_id
),
loan AS (
  SELECT application_id, max_by(struct(*), struct(updated_at, loan_id, paid_instalments, days_past_due, outstanding)) AS newest
  FROM bronze.loan_book
  GROUP BY application_id
)
SELECT
  coalesce(a.application_id, l.application_id) AS application_id,
  coalesce(a.newest.customer_id, l.newest.customer_id) AS customer_id,
  coalesce(a.newest.application_date, l.newest.application_date) AS application_date,
  a.newest.requested_amount,
  a.newest.duration_months,
  a.newest.purpose_code,
  a.newest.checking_code,
  a.newest.credit_history_code,
  a.newest.savings_code,
  a.newest.employment_code,
  a.newest.instalment_rate_band,
  a.newest.other_debtors_code,
  a.newest.residence_band,
  a.newest.property_code,
  a.newest.age_years,
  a.newest.other_plans_code,
  a.newest.housing_code,
  a.newest.existing_credits,
  a.newest.job_code,
  a.newest.dependents,
  a.newest.has_telephone,
  a.newest.status AS application_status,
  a.newest.decided_at,
  a.newest.updated_at AS application_updated_at,
  l.newest.loan_id,
  l.newest.principal,
  l.newest.annual_rate_percent,
  l.newest.term_months,
  l.newest.disbursed_on,
  l.newest.instalment,
  l.newest.outstanding,
  l.newest.paid_instalments,
  l.newest.days_past_due,
  l.newest.status_code AS loan_status_code,
  l.newest.updated_at AS loan_updated_at,
  :partition_date AS partition_date,
  :job_name AS job_name
FROM application AS a
FULL OUTER JOIN loan AS l ON a.application_id = l.application_id;
