-- What each customer did since the topic began. The totals are kept as Spark's state: a micro-batch reads only what is new,
-- and writes only the customers that it changed.
-- STREAM(gold_db.kafka_data) gives each event_id once, so a message that Kafka delivers twice is not counted twice.
CREATE OR REPLACE TABLE gold_db.customer_stats AS
SELECT
  customer_id,
  count(*) AS event_count,
  count_if(event_type = 'product_view') AS product_views,
  count_if(event_type = 'add_to_cart') AS cart_adds,
  count_if(event_type = 'purchase') AS purchases,
  coalesce(sum(amount), 0) AS amount,
  sum(duration_ms) AS duration_ms,
  min(event_ts) AS first_event_ts,
  max(event_ts) AS last_event_ts
FROM STREAM(gold_db.kafka_data)
GROUP BY customer_id;
