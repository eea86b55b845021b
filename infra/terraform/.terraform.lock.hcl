# The AWS provider that every stack is planned and applied with. infra/terraform/provider_lock.py copies this file
# beside a synthesized stack. The hash is that of linux_amd64; elsewhere the version alone is pinned, and the registry's
# signature is checked. To add a platform, or after a new version in infra/platform_stack.py, where the registry can be
# reached:
#   cdktf synth --env dev
#   cp infra/terraform/.terraform.lock.hcl cdktf.out/stacks/lakehouse-dev/
#   terraform -chdir=cdktf.out/stacks/lakehouse-dev providers lock -platform=linux_amd64 -platform=darwin_arm64
#   cp cdktf.out/stacks/lakehouse-dev/.terraform.lock.hcl infra/terraform/
# then put this comment back, and the platform into PLATFORMS of infra/terraform/provider_lock.py.

provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = "~> 5.100"
  hashes = [
    "h1:edXOJWE4ORX8Fm+dpVpICzMZJat4AX0VRCAy/xkcOc0=",
  ]
}
