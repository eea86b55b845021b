"""The programs that bring the stack to AWS: Terraform, its provider, and the CLI of cdktf."""
