"""What moto lacks of what the stack uses. A module answers whole operations, or mends one of moto's; everything else stays moto's."""

import importlib
import pkgutil

from local_aws.extensions.calls import ApiError, Call, Reply, answer, operations

# Each module says for itself what it answers.
for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["ApiError", "Call", "Reply", "answer", "operations"]
