-- What each customer did in all history, computed anew from every message, for an old day may still grow.
-- It runs beside traffic_data_clean and so reads the same messages; an event is the same by the same composite key.
CREATE OR REPLACE TABLE silver_db.customer_engagement_summary AS
WITH events AS (
  SELECT
    customer_id, session_id, product_id, event_type, event_ts, CAST(event_ts AS DATE) AS event_date,
    -- Of several messages of one event that which was sent last.
    max_by(named_struct('duration_ms', duration_ms, 'amount', amount), `timestamp`) AS said
  FROM kafka_bronze.kafka_data_bronze
  GROUP BY customer_id, session_id, product_id, event_type, event_ts
),
-- Days count back from the newest event of anybody, not from today: a run that comes later says the same.
newest AS (SELECT max(event_date) AS as_of_date FROM events),
dated AS (
  SELECT *, datediff(as_of_date, event_date) AS age, datediff(as_of_date, event_date) < :window_days AS recent
  FROM events CROSS JOIN newest
),
metrics AS (
  SELECT
    customer_id,
    min(event_ts) AS first_event_ts,
    max(event_ts) AS last_event_ts,
    max(age) AS days_since_first,
    min(age) AS days_since_last,
    count(DISTINCT event_date) AS active_days,
    count(DISTINCT CASE WHEN recent THEN event_date END) AS recent_active_days,
    count(DISTINCT session_id) AS sessions,
    count(*) AS events,
    count_if(event_type = 'product_view') AS product_views,
    count_if(event_type = 'add_to_cart') AS cart_adds,
    count_if(event_type = 'purchase') AS purchases,
    count_if(event_type = 'purchase' AND recent) AS recent_purchases,
    coalesce(sum(said.amount), 0) AS amount,
    -- As in the quality score: what took no time, or half an hour and more, says nothing of how long people look.
    avg(CASE WHEN said.duration_ms > 0 AND said.duration_ms < 1800000 THEN said.duration_ms END) / 1000 AS average_seconds,
    count(DISTINCT CASE WHEN event_type = 'purchase' THEN session_id END) / count(DISTINCT session_id) AS conversion_rate,
    max(as_of_date) AS as_of_date
  FROM dated
  GROUP BY customer_id
)
SELECT
  customer_id,
  -- The segments: the first whose rule holds.
  CASE
    -- Came for the first time in the last :new_days days.
    WHEN days_since_first < :new_days THEN 'new'
    -- Did nothing in the last :window_days days.
    WHEN days_since_last >= :window_days THEN 'lapsed'
    -- In the window: active on 8 days or more, with 10 purchases or more.
    WHEN recent_active_days >= 8 AND recent_purchases >= 10 THEN 'champion'
    -- In the window: active on 4 days or more.
    WHEN recent_active_days >= 4 THEN 'loyal'
    -- In the window: looked and bought nothing.
    WHEN recent_purchases = 0 THEN 'browser'
    ELSE 'occasional'
  END AS segment,
  first_event_ts, last_event_ts, days_since_last, active_days, recent_active_days, sessions, events, product_views, cart_adds,
  purchases, recent_purchases, amount, average_seconds, conversion_rate, as_of_date
FROM metrics;
