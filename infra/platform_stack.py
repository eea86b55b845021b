"""The frame of the stack: providers, backend, and what all parts share."""

from __future__ import annotations

from cdktf import S3Backend, TerraformResourceLifecycle, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from infra.facts import Facts
from lakehouse.environments import names

PROVIDER = "~> 5.100"


class PlatformStack(TerraformStack):
    """The stack of one environment.

    Parts take it as their scope, so an address in a plan reads `aws_s3_bucket.bronze`.
    """

    def __init__(self, scope: Construct, facts: Facts) -> None:
        super().__init__(scope, f"{facts.env.project}-{facts.env.name}")
        self.facts = facts
        self.env = env = facts.env
        tags = [{"tags": names.tags(env)}]
        only_account = [env.account]
        AwsProvider(self, "aws", region=env.region, allowed_account_ids=only_account, default_tags=tags)
        self.replica = AwsProvider(
            self,
            "aws_replica",
            alias="replica",
            region=env.replica_region,
            allowed_account_ids=only_account,
            default_tags=tags,
        )
        self.add_override("terraform.required_providers.aws.version", PROVIDER)
        S3Backend(self, bucket=names.state_bucket(env), key="stack.tfstate", region=env.region, encrypt=True)
        # The archived cdktf has no argument for this lock, which needs no DynamoDB table.
        self.add_override("terraform.backend.s3.use_lockfile", True)

    @property
    def keep(self) -> TerraformResourceLifecycle | None:
        """The lifecycle of what holds data: in a protected environment Terraform refuses to destroy it."""
        return TerraformResourceLifecycle(prevent_destroy=True) if self.env.stack.protect else None
