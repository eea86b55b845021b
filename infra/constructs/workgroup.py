"""An Athena workgroup with the platform's defaults."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.athena_workgroup import AthenaWorkgroup
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy

from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Zone

GIB = 1024**3


@dataclass(frozen=True)
class WorkgroupSpec:
    """What differs between workgroups.

    `construct_id` is the Terraform name, `results` the prefix of the results in the Athena zone. `after` is
    made first, such as the bucket's policy.
    """

    construct_id: str
    name: str
    purpose: str
    results: str
    key: KmsKey
    after: S3BucketPolicy


def workgroup(stack: PlatformStack, spec: WorkgroupSpec) -> AthenaWorkgroup:
    """The AthenaWorkgroup. It overrides a user's settings.

    Results go to the platform's bucket, encrypted; a query that would scan more than `athena_scanned_gb` is
    stopped.
    """
    env = stack.env
    results = {
        "output_location": f"{names.zone_uri(env, Zone.ATHENA)}/{spec.results}",
        "expected_bucket_owner": env.account,
        "encryption_configuration": {"encryption_option": "SSE_KMS", "kms_key_arn": spec.key.arn},
    }
    configuration = {
        "enforce_workgroup_configuration": True,
        "publish_cloudwatch_metrics_enabled": True,
        "requester_pays_enabled": False,
        "bytes_scanned_cutoff_per_query": env.stack.athena_scanned_gb * GIB,
        "engine_version": {"selected_engine_version": "Athena engine version 3"},
        "result_configuration": results,
    }
    return AthenaWorkgroup(
        stack,
        spec.construct_id,
        name=spec.name,
        description=spec.purpose,
        configuration=configuration,
        force_destroy=not env.stack.protect,
        depends_on=[spec.after],
    )
