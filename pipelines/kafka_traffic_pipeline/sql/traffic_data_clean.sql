-- Traffic events in one spelling, each once. The contract merges by (event_date, composite_key); of several messages of one event
-- that which was sent last stays. Only new messages are read.
CREATE OR REPLACE TABLE silver_db.traffic_data_cleaned AS
WITH cleaned AS (
  SELECT
    event_id, customer_id, session_id, product_id, store_id, event_type,
    -- Without host and query: what somebody searched for stays in bronze.
    coalesce(nullif(regexp_replace(page_url, '^https?://[^/?#]*|[?#].*$', ''), ''), '/') AS page_path,
    nullif(lower(trim(referrer)), '') AS referrer,
    nullif(lower(trim(device)), '') AS device,
    country, city, latitude, longitude, event_ts, duration_ms, amount,
    `timestamp` AS received_ts
  FROM kafka_bronze.kafka_data_bronze
),
-- The quality score: 100 less the points of each issue that a row has. All points together are 100, so 0 is the least.
judged AS (
  SELECT *, filter(array(
    -- A purchase that does not say what was paid, or a payment for something else.
    named_struct('name', 'amount', 'points', 40, 'found', (event_type = 'purchase') = (amount IS NULL)),
    -- Nobody knows what it was made with.
    named_struct('name', 'device', 'points', 20, 'found', device IS NULL),
    -- No coordinates, or half of them.
    named_struct('name', 'place', 'points', 15, 'found', latitude IS NULL OR longitude IS NULL),
    -- It took no time at all, or half an hour and more: nobody was looking.
    named_struct('name', 'duration', 'points', 15, 'found', duration_ms = 0 OR duration_ms >= 1800000),
    -- Sent more than an hour after it happened, or before it happened: one of two clocks is wrong, or it was made offline.
    named_struct('name', 'clock', 'points', 10, 'found', received_ts > event_ts + INTERVAL 1 HOUR OR received_ts < event_ts)
  ), issue -> issue.found) AS issues
  FROM cleaned
)
SELECT
  -- The composite key says who did what when. event_id is no part of it: a browser that sends an event again gives it another one.
  -- As JSON, so that ('ab', 'c') is not ('a', 'bc'); the time in whole microseconds, so that none is lost.
  sha2(to_json(named_struct(
    'customer_id', customer_id, 'session_id', session_id, 'product_id', product_id, 'event_type', event_type,
    'event_us', unix_micros(event_ts)
  ), map('ignoreNullFields', 'false')), 256) AS composite_key,
  CAST(event_ts AS DATE) AS event_date,
  event_id, customer_id, session_id, product_id, store_id, event_type, page_path, referrer, device,
  country, city, latitude, longitude, event_ts, duration_ms, amount, received_ts,
  100 - aggregate(issues, 0, (lost, issue) -> lost + issue.points) AS quality_score,
  array_join(transform(issues, issue -> issue.name), ',') AS quality_issues
FROM judged;
