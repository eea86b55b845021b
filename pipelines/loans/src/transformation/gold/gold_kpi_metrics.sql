-- Key figures of the :kpi_window_days days that end with :run_date, by purpose and in all. What each means: docs/guides/loans.md.
-- Everything is seen from the end of :run_date: what happened later is not counted, however late the query is run.
CREATE OR REPLACE TABLE gold.loan_kpis AS
WITH bounds AS (
  -- The instants at which the window begins and ends.
  SELECT
    CAST(date_add(:run_date, 1 - :kpi_window_days) AS TIMESTAMP) AS begins,
    CAST(date_add(:run_date, 1) AS TIMESTAMP) AS ends
),
lending AS (
  SELECT
    purpose,
    count(*) AS applications,
    count_if(decided_at < ends) AS decided,
    count_if(decided_at < ends AND status = 'approved') AS approved,
    avg(requested_amount) AS average_amount,
    avg(duration_months) AS average_duration_months
  FROM silver.loans CROSS JOIN bounds
  WHERE application_date >= CAST(begins AS DATE) AND application_date < CAST(ends AS DATE)
  GROUP BY GROUPING SETS ((purpose), ())
),
state AS (
  -- Each loan as it was when the window began (null if it was not yet), whether it fell into default in it, and as it was when it ended.
  SELECT
    loan_id,
    application_id,
    max_by(loan_status, updated_at) FILTER (WHERE updated_at < begins) AS status_before,
    bool_or(loan_status = 'default') FILTER (WHERE updated_at >= begins) AS fell,
    max_by(loan_status, updated_at) AS status,
    max_by(outstanding, updated_at) AS outstanding
  FROM silver.loan_states CROSS JOIN bounds
  WHERE updated_at < ends
  GROUP BY loan_id, application_id
),
book AS (
  SELECT
    l.purpose,
    count_if(s.status <> 'closed') AS loans_on_book,
    sum(CASE WHEN s.status <> 'closed' THEN s.outstanding ELSE 0 END) AS exposure,
    count_if(s.status_before IN ('current', 'arrears')) AS performing_at_start,
    count_if(s.status_before IN ('current', 'arrears') AND s.fell) AS defaulted
  FROM state AS s JOIN silver.loans AS l ON s.application_id = l.application_id
  GROUP BY GROUPING SETS ((l.purpose), ())
)
SELECT
  :run_date AS kpi_date,
  coalesce(n.purpose, b.purpose, 'all') AS purpose,
  :kpi_window_days AS window_days,
  coalesce(n.applications, 0) AS applications,
  coalesce(n.decided, 0) AS decided,
  coalesce(n.approved, 0) AS approved,
  n.approved / nullif(n.decided, 0) AS approval_rate,
  n.average_amount,
  n.average_duration_months,
  coalesce(b.loans_on_book, 0) AS loans_on_book,
  coalesce(b.exposure, 0) AS exposure,
  coalesce(b.performing_at_start, 0) AS performing_at_start,
  coalesce(b.defaulted, 0) AS defaulted,
  b.defaulted / nullif(b.performing_at_start, 0) AS default_rate
FROM lending AS n
FULL OUTER JOIN book AS b ON n.purpose <=> b.purpose;
