"""The error of a program that the platform starts: Terraform, checkov."""

from __future__ import annotations


class ToolError(RuntimeError):
    """A program is missing or fails.

    `code` has a page in docs/errors; the message says what is wrong and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{code} {message}")
