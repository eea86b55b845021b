"""Resource types of the stack that cost nothing by themselves, each with its reason."""

from __future__ import annotations

_SETTING = "a setting of another resource"
_METADATA = "metadata, free below a million objects"
_BY_REQUEST = "paid by request; the free tier holds an environment's alerts"
_NO_CHARGE = "AWS asks nothing for it"

_BY_REASON = {
    _SETTING: """
        aws_cloudwatch_event_target aws_db_subnet_group aws_default_security_group
        aws_dynamodb_resource_policy
        aws_glue_data_catalog_encryption_settings aws_glue_security_configuration aws_kms_alias
        aws_lambda_permission aws_rds_cluster_parameter_group aws_route aws_route_table_association
        aws_s3_bucket_lifecycle_configuration aws_s3_bucket_logging aws_s3_bucket_notification
        aws_s3_bucket_object_lock_configuration aws_s3_bucket_ownership_controls aws_s3_bucket_policy
        aws_s3_bucket_public_access_block aws_s3_bucket_replication_configuration
        aws_s3_bucket_server_side_encryption_configuration aws_s3_bucket_versioning
        aws_secretsmanager_secret_policy aws_secretsmanager_secret_rotation aws_sns_topic_policy
        aws_backup_vault_lock_configuration
    """,
    _METADATA: """
        aws_glue_catalog_database aws_glue_catalog_table aws_glue_connection aws_glue_registry aws_glue_schema
        aws_lakeformation_data_cells_filter aws_lakeformation_data_lake_settings aws_lakeformation_lf_tag
        aws_lakeformation_permissions aws_lakeformation_resource aws_lakeformation_resource_lf_tags
    """,
    _BY_REQUEST: """
        aws_sns_topic aws_sns_topic_subscription aws_sqs_queue aws_cloudwatch_event_rule
        aws_scheduler_schedule
    """,
    "priced by the bytes that a query scans, up to athena_scanned_gb each": "aws_athena_workgroup",
    "priced by its vault": "aws_backup_plan aws_backup_selection",
    "priced with the capacity of its cluster": "aws_rds_cluster_instance",
    "priced by its log group": "aws_flow_log",
    "priced by its bucket": "aws_s3_object",
    "the first two of an account are free, and an account has one": "aws_budgets_budget",
    _NO_CHARGE: """
        aws_iam_policy aws_iam_role aws_iam_role_policy aws_iam_role_policy_attachment aws_internet_gateway
        aws_route_table aws_scheduler_schedule_group aws_security_group aws_subnet aws_vpc
        aws_vpc_security_group_egress_rule aws_vpc_security_group_ingress_rule terraform_data
    """,
}
# Type → why it costs nothing by itself.
FREE = {name: reason for reason, names in _BY_REASON.items() for name in names.split()}
