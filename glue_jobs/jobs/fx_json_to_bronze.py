"""fx_json_to_bronze: one document of reference rates per day, as one row per currency."""
