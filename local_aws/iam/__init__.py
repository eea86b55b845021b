"""IAM of the embedded AWS: decides each call of a role by the policies that concern it, as AWS does.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""
