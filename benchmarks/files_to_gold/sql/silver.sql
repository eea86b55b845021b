CREATE OR REPLACE TABLE silver.city_days AS
WITH hours AS (
  SELECT 'SEA' AS iata, to_date(date) AS day, (temp - 32) * 5 / 9 AS celsius
  FROM bronze.seattle_temps
  UNION ALL
  SELECT 'SFO' AS iata, to_date(date) AS day, (temp - 32) * 5 / 9 AS celsius
  FROM bronze.sf_temps
)
SELECT
  hours.iata,
  hours.day,
  airports.city,
  count(*) AS hours,
  CAST(min(hours.celsius) AS decimal(5, 2)) AS min_celsius,
  CAST(max(hours.celsius) AS decimal(5, 2)) AS max_celsius
FROM hours
JOIN bronze.airports AS airports ON airports.iata = hours.iata
GROUP BY hours.iata, hours.day, airports.city
