"""Computes the traffic tables a second time, from the events as they were produced.

It uses DuckDB, and no line of the engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import polars as pl

CLEANED = """
CREATE TABLE cleaned AS
SELECT sha256('{"customer_id":' || customer_id || ',"session_id":"' || session_id
              || '","product_id":' || product_id || ',"event_type":"'
              || event_type || '","event_us":' || epoch_us(happened) || '}') AS composite_key,
       happened::DATE AS event_date, event_id, customer_id, session_id, product_id, store_id, event_type,
       split_part(substr(page_url, length('https://shop.example') + 1), '?', 1) AS page_path,
       referrer, lower(trim(device)) AS device, country, city, latitude, longitude,
       happened AS event_ts, duration_ms,
       amount::DECIMAL(18,2) AS amount, make_timestamp(sent_at * 1000) AS received_ts,
       CASE WHEN event_type = 'purchase' AND amount IS NULL THEN 40 ELSE 0 END AS no_amount,
       CASE WHEN device IS NULL THEN 20 ELSE 0 END AS no_device,
       CASE WHEN latitude IS NULL THEN 15 ELSE 0 END AS no_place,
       CASE WHEN duration_ms NOT BETWEEN 1 AND 1799999 THEN 15 ELSE 0 END AS no_length,
       CASE WHEN sent_at - epoch_ms(happened) NOT BETWEEN 0 AND 3600000 THEN 10 ELSE 0 END AS late
FROM (SELECT *, strptime(event_ts, '%Y-%m-%dT%H:%M:%S.%gZ') AS happened FROM events)
"""
SUMMARY = """
CREATE TABLE summary AS
WITH newest AS (SELECT max(event_date) AS as_of_date FROM cleaned),
metrics AS (
  SELECT customer_id, min(event_ts) AS first_event_ts, max(event_ts) AS last_event_ts,
         min(as_of_date - event_date) AS days_since_last,
         max(as_of_date - event_date) AS days_since_first, count(DISTINCT event_date) AS active_days,
         count(DISTINCT event_date) FILTER (as_of_date - event_date < 30) AS recent_active_days,
         count(DISTINCT session_id) AS sessions, count(*) AS events,
         count(*) FILTER (event_type = 'product_view') AS product_views,
         count(*) FILTER (event_type = 'add_to_cart') AS cart_adds,
         count(*) FILTER (event_type = 'purchase') AS purchases,
         count(*) FILTER (event_type = 'purchase' AND as_of_date - event_date < 30) AS recent_purchases,
         coalesce(sum(amount), 0) AS amount,
         sum(duration_ms) FILTER (no_length = 0) AS looked_ms, count(*) FILTER (no_length = 0) AS looks,
         count(DISTINCT session_id) FILTER (event_type = 'purchase') AS buying_sessions,
         any_value(as_of_date) AS as_of_date
  FROM cleaned, newest GROUP BY customer_id
)
SELECT *, CASE WHEN days_since_first <= 6 THEN 'new'
               WHEN days_since_last > 29 THEN 'lapsed'
               WHEN recent_active_days > 7 AND recent_purchases > 9 THEN 'champion'
               WHEN recent_active_days > 3 THEN 'loyal'
               WHEN recent_purchases < 1 THEN 'browser'
               ELSE 'occasional' END AS segment
FROM metrics
"""
ENRICHED = """
SELECT event_id, event_date, event_ts, extract(hour FROM event_ts)::INT AS event_hour,
       ['night', 'morning', 'afternoon', 'evening'][extract(hour FROM event_ts) // 6 + 1] AS day_part,
       isodow(event_date) > 5 AS is_weekend, customer_id, session_id, product_id, store_id, event_type,
       MAP {'page_view': 'awareness', 'search': 'awareness', 'product_view': 'interest',
            'add_to_cart': 'intent', 'purchase': 'purchase'}
         [event_type] AS funnel_stage,
       page_path AS page, coalesce(referrer, 'direct') AS channel, coalesce(device, 'unknown') AS device,
       country, MAP {'US': 'United States', 'GB': 'United Kingdom', 'DE': 'Germany', 'JP': 'Japan'}
          [country] AS country_name, city,
       duration_ms AS milliseconds, coalesce(amount, 0) AS revenue_usd
FROM cleaned WHERE no_amount + no_device + no_place + no_length + late <= 30
"""
LOCATIONS = """
WITH places AS (
  SELECT customer_id, country, city, max(latitude) AS latitude, max(longitude) AS longitude,
         count(*) AS events, count(DISTINCT session_id) AS sessions, min(event_date) AS first_event_date,
         max(event_date) AS last_event_date, max(event_ts) AS latest
  FROM cleaned GROUP BY ALL
)
SELECT customer_id, country, city, latitude, longitude, events, sessions, first_event_date, last_event_date,
       events = max(events) OVER who
         AND latest = max(latest) OVER (PARTITION BY customer_id, events) AS is_main,
       sum(events) OVER who AS of_all, segment
FROM places JOIN (SELECT customer_id, segment FROM summary) USING (customer_id)
WINDOW who AS (PARTITION BY customer_id)
"""


@dataclass(frozen=True)
class Tables:
    cleaned: pl.DataFrame
    summary: pl.DataFrame
    enriched: pl.DataFrame
    locations: pl.DataFrame


def tables(events: pl.DataFrame) -> Tables:
    """What silver and gold are of these events (`traffic_events`), each of which was sent once or more."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.register("events", events.to_arrow())
    con.execute(CLEANED)
    con.execute(SUMMARY)
    return Tables(
        *[con.execute(query).pl() for query in ("FROM cleaned", "FROM summary", ENRICHED, LOCATIONS)]
    )
