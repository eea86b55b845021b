-- Events as the business reads them: those that can be relied on (a quality score of :minimum_score and more), in its own words,
-- without keys, scores and times that only the pipeline needs. The contract computes the days anew in which an event came or changed.
CREATE OR REPLACE TABLE gold_db.traffic_data_enriched AS
SELECT
  event_id, event_date, event_ts,
  hour(event_ts) AS event_hour,
  CASE
    WHEN hour(event_ts) < 6 THEN 'night'
    WHEN hour(event_ts) < 12 THEN 'morning'
    WHEN hour(event_ts) < 18 THEN 'afternoon'
    ELSE 'evening'
  END AS day_part,
  dayofweek(event_date) IN (1, 7) AS is_weekend,
  customer_id, session_id, product_id, store_id, event_type,
  CASE event_type
    WHEN 'purchase' THEN 'purchase'
    WHEN 'add_to_cart' THEN 'intent'
    WHEN 'product_view' THEN 'interest'
    ELSE 'awareness'
  END AS funnel_stage,
  page_path AS page,
  coalesce(referrer, 'direct') AS channel,
  coalesce(device, 'unknown') AS device,
  country,
  CASE country WHEN 'US' THEN 'United States' WHEN 'GB' THEN 'United Kingdom' WHEN 'DE' THEN 'Germany' WHEN 'JP' THEN 'Japan' ELSE country END
    AS country_name,
  city,
  duration_ms / 1000 AS seconds,
  coalesce(amount, 0) AS revenue_usd
FROM silver_db.traffic_data_cleaned
WHERE quality_score >= :minimum_score;

-- Where customers are active: the city of the stores that they visit, of all events, whatever their score.
CREATE OR REPLACE TABLE gold_db.customer_locations AS
WITH places AS (
  SELECT
    customer_id, country, city,
    max(latitude) AS latitude,
    max(longitude) AS longitude,
    count(*) AS events,
    count(DISTINCT session_id) AS sessions,
    min(event_date) AS first_event_date,
    max(event_date) AS last_event_date,
    max(event_ts) AS last_event_ts
  FROM silver_db.traffic_data_cleaned
  GROUP BY customer_id, country, city
)
SELECT
  places.customer_id, country, city, latitude, longitude, places.events, places.sessions, first_event_date, last_event_date,
  places.events / sum(places.events) OVER (PARTITION BY places.customer_id) AS event_share,
  -- Of the cities with the most events that with the latest one; the alphabet decides what is left.
  row_number() OVER (PARTITION BY places.customer_id ORDER BY places.events DESC, places.last_event_ts DESC, country, city) = 1 AS is_main,
  summary.segment
FROM places
LEFT JOIN silver_db.customer_engagement_summary AS summary ON summary.customer_id = places.customer_id;
