"""The encryption of a region's Glue catalog."""

from __future__ import annotations

from typing import Any

from cdktf_cdktf_provider_aws.glue_data_catalog_encryption_settings import GlueDataCatalogEncryptionSettings
from cdktf_cdktf_provider_aws.kms_key import KmsKey

from infra.platform_stack import PlatformStack


def encrypt_catalog(
    stack: PlatformStack, resource: str, key: KmsKey, **provider: Any
) -> GlueDataCatalogEncryptionSettings:
    """Encrypts the whole catalog of the account in one region, which belongs to one environment."""
    passwords = {"aws_kms_key_id": key.arn, "return_connection_password_encrypted": True}
    at_rest = {"catalog_encryption_mode": "SSE-KMS", "sse_aws_kms_key_id": key.arn}
    settings = {"connection_password_encryption": passwords, "encryption_at_rest": at_rest}
    return GlueDataCatalogEncryptionSettings(
        stack, resource, data_catalog_encryption_settings=settings, **provider
    )
