"""The functions that a query may call: those of Spark 3.5, without those that leave the query."""

from __future__ import annotations

# Reason → functions of Spark that no query may call.
REFUSED: dict[str, tuple[str, ...]] = {
    "runs code of the machine": (
        "reflect",
        "java_method",
        "try_reflect",
    ),
    "parses XML, which may name files": (
        "xpath",
        "xpath_boolean",
        "xpath_double",
        "xpath_float",
        "xpath_int",
        "xpath_long",
        "xpath_number",
        "xpath_short",
        "xpath_string",
    ),
    "reads the clock; a run has its logical date, :run_date": (
        "curdate",
        "current_date",
        "current_timestamp",
        "current_timezone",
        "localtimestamp",
        "now",
    ),
    "gives another value in each run": (
        "aes_encrypt",
        "monotonically_increasing_id",
        "rand",
        "randn",
        "random",
        "shuffle",
        "spark_partition_id",
        "uuid",
    ),
    "tells of the machine and its files": (
        "current_catalog",
        "current_database",
        "current_schema",
        "current_user",
        "input_file_block_length",
        "input_file_block_start",
        "input_file_name",
        "user",
        "version",
    ),
}
REASONS: dict[str, str] = {name: reason for reason, names in REFUSED.items() for name in names}

# Spark 3.5.6's own list (SHOW SYSTEM FUNCTIONS), and what its grammar writes like a function.
ALLOWED = frozenset(
    """
    abs acos acosh add_months aes_decrypt aggregate any any_value approx_count_distinct
    approx_percentile array array_agg array_append array_compact array_contains array_distinct
    array_except array_insert array_intersect array_join array_max array_min array_position
    array_prepend array_remove array_repeat array_size array_sort array_union arrays_overlap arrays_zip
    ascii asin asinh assert_true atan atan2 atanh avg base64 bigint bin binary bit_and bit_count bit_get
    bit_length bit_or bit_xor bitmap_bit_position bitmap_bucket_number bitmap_construct_agg bitmap_count
    bitmap_or_agg bool_and bool_or boolean bround btrim cardinality cast cbrt ceil ceiling char
    char_length character_length chr coalesce collect_list collect_set concat concat_ws contains conv
    convert_timezone corr cos cosh cot count count_if count_min_sketch covar_pop covar_samp crc32 csc
    cume_dist date date_add date_diff date_format date_from_unix_date date_part date_sub date_trunc
    dateadd datediff datepart day dayofmonth dayofweek dayofyear decimal decode degrees dense_rank
    double e element_at elt encode endswith equal_null every exists exp explode explode_outer expm1
    extract factorial filter find_in_set first first_value flatten float floor forall format_number
    format_string from_csv from_json from_unixtime from_utc_timestamp get get_json_object getbit
    greatest grouping grouping_id hash hex histogram_numeric hll_sketch_agg hll_sketch_estimate
    hll_union hll_union_agg hour hypot if ifnull ilike initcap inline inline_outer instr int isnan
    isnotnull isnull json_array_length json_object_keys json_tuple kurtosis lag last last_day last_value
    lcase lead least left len length levenshtein like ln locate log log10 log1p log2 lower lpad ltrim
    luhn_check make_date make_dt_interval make_interval make_timestamp make_timestamp_ltz
    make_timestamp_ntz make_ym_interval map map_concat map_contains_key map_entries map_filter
    map_from_arrays map_from_entries map_keys map_values map_zip_with mask max max_by md5 mean median
    min min_by minute mod mode month months_between named_struct nanvl negative next_day nth_value ntile
    nullif nvl nvl2 octet_length overlay parse_url percent_rank percentile percentile_approx
    percentile_cont percentile_disc pi pmod posexplode posexplode_outer position positive pow power
    printf quarter radians raise_error range rank reduce regexp regexp_count regexp_extract
    regexp_extract_all regexp_instr regexp_like regexp_replace regexp_substr regr_avgx regr_avgy
    regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy repeat replace reverse right
    rint rlike round row_number rpad rtrim schema_of_csv schema_of_json sec second sentences sequence
    session_window sha sha1 sha2 shiftleft shiftright shiftrightunsigned sign signum sin sinh size
    skewness slice smallint some sort_array soundex space split split_part sql_keywords sqrt stack
    startswith std stddev stddev_pop stddev_samp str_to_map string struct substr substring
    substring_index sum tan tanh timestamp timestamp_micros timestamp_millis timestamp_seconds tinyint
    to_binary to_char to_csv to_date to_json to_number to_timestamp to_timestamp_ltz to_timestamp_ntz
    to_unix_timestamp to_utc_timestamp to_varchar transform transform_keys transform_values translate
    timestampadd timestampdiff trim trunc try_add try_aes_decrypt try_avg try_cast try_divide
    try_element_at try_multiply
    try_subtract try_sum try_to_binary try_to_number try_to_timestamp typeof ucase unbase64 unhex
    unix_date unix_micros unix_millis unix_seconds unix_timestamp upper url_decode url_encode var_pop
    var_samp variance weekday weekofyear width_bucket window window_time xxhash64 year zip_with
    """.split()  # noqa: SIM905 (one word a line would be hundreds of lines)
)
