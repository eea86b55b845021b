-- Codes become words (UCI's code book, https://doi.org/10.24432/C5NC77), and the ratios that reports ask for are made once, here.
-- A loan whose application is not known is no row of this table: its reason goes to the error lane with it.
CREATE OR REPLACE TABLE silver.loans AS
SELECT
  application_id,
  customer_id,
  application_date,
  application_status AS status,
  decided_at,
  requested_amount,
  duration_months,
  requested_amount / duration_months AS amount_per_month,
  CASE purpose_code
    WHEN 'A40' THEN 'car (new)' WHEN 'A41' THEN 'car (used)' WHEN 'A42' THEN 'furniture' WHEN 'A43' THEN 'radio and television'
    WHEN 'A44' THEN 'domestic appliances' WHEN 'A45' THEN 'repairs' WHEN 'A46' THEN 'education' WHEN 'A48' THEN 'retraining'
    WHEN 'A49' THEN 'business' WHEN 'A410' THEN 'other'
  END AS purpose,
  CASE checking_code
    WHEN 'A11' THEN 'below 0' WHEN 'A12' THEN '0 to 200' WHEN 'A13' THEN '200 and more' WHEN 'A14' THEN 'none'
  END AS checking_account,
  CASE credit_history_code
    WHEN 'A30' THEN 'none taken' WHEN 'A31' THEN 'all repaid here' WHEN 'A32' THEN 'repaid so far' WHEN 'A33' THEN 'delays'
    WHEN 'A34' THEN 'critical'
  END AS credit_history,
  CASE savings_code
    WHEN 'A61' THEN 'below 100' WHEN 'A62' THEN '100 to 500' WHEN 'A63' THEN '500 to 1000' WHEN 'A64' THEN '1000 and more'
    WHEN 'A65' THEN 'none known'
  END AS savings,
  CASE employment_code
    WHEN 'A71' THEN 'unemployed' WHEN 'A72' THEN 'below 1 year' WHEN 'A73' THEN '1 to 4 years' WHEN 'A74' THEN '4 to 7 years'
    WHEN 'A75' THEN '7 years and more'
  END AS employment,
  CASE housing_code WHEN 'A151' THEN 'rented' WHEN 'A152' THEN 'owned' WHEN 'A153' THEN 'free' END AS housing,
  CASE job_code
    WHEN 'A171' THEN 'unskilled, non-resident or unemployed' WHEN 'A172' THEN 'unskilled' WHEN 'A173' THEN 'skilled'
    WHEN 'A174' THEN 'management or self-employed'
  END AS job,
  CASE
    WHEN age_years < 30 THEN '18-29'
    WHEN age_years < 70 THEN concat(age_years div 10, '0-', age_years div 10, '9')
    ELSE '70+'
  END AS age_band,
  existing_credits,
  loan_id,
  principal,
  annual_rate_percent,
  term_months,
  instalment,
  disbursed_on,
  outstanding,
  1 - outstanding / principal AS repaid_share,
  days_past_due,
  CASE loan_status_code WHEN 'CUR' THEN 'current' WHEN 'ARR' THEN 'arrears' WHEN 'DEF' THEN 'default' WHEN 'CLO' THEN 'closed' END
    AS loan_status,
  greatest(application_updated_at, loan_updated_at) AS updated_at,
  :batch_id AS batch_id,
  CASE WHEN application_status IS NULL THEN 'loan without an application' END AS _reject
FROM bronze.loan_raw;

-- What each loan was like, and from when on.
CREATE OR REPLACE TABLE silver.loan_states AS
SELECT
  loan_id,
  updated_at,
  application_id,
  CASE status_code WHEN 'CUR' THEN 'current' WHEN 'ARR' THEN 'arrears' WHEN 'DEF' THEN 'default' WHEN 'CLO' THEN 'closed' END
    AS loan_status,
  outstanding,
  paid_instalments,
  days_past_due,
  :batch_id AS batch_id
FROM bronze.loan_book;
