-- Step 0 runs before all others.
CREATE DATABASE IF NOT EXISTS gold_db;
