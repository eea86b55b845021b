"""The programs that check a stack and bring it to AWS: checkov, Terraform and its provider."""
