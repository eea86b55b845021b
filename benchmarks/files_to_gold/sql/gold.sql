CREATE OR REPLACE TABLE gold.city_months AS
WITH months AS (
  SELECT iata, month(day) AS month, city, count(*) AS days, avg((min_celsius + max_celsius) / 2) AS celsius
  FROM silver.city_days
  GROUP BY iata, month(day), city
),
rain AS (
  SELECT
    'SEA' AS iata,
    month(date) AS month,
    sum(precipitation) / count(DISTINCT year(date)) AS rain_mm
  FROM bronze.weather
  GROUP BY month(date)
),
shares AS (
  SELECT
    CASE symbol WHEN 'AMZN' THEN 'SEA' WHEN 'AAPL' THEN 'SFO' END AS iata,
    month(date) AS month,
    avg(price) AS usd
  FROM bronze.stocks
  WHERE symbol IN ('AMZN', 'AAPL')
  GROUP BY symbol, month(date)
)
SELECT
  months.iata,
  months.month,
  months.city,
  months.days,
  CAST(months.celsius AS decimal(5, 2)) AS mean_celsius,
  CAST(rain.rain_mm AS decimal(7, 2)) AS rain_mm,
  CAST(shares.usd AS decimal(10, 2)) AS share_usd
FROM months
LEFT JOIN rain ON rain.iata = months.iata AND rain.month = months.month
LEFT JOIN shares ON shares.iata = months.iata AND shares.month = months.month
