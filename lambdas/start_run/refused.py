"""Why no run is started."""

from __future__ import annotations


class RefusedError(Exception):
    """No run has started. The text has one line per fault, and no value of the request."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code
