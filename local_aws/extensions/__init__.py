"""Operations that the stack uses and moto lacks.

A module answers whole operations, or corrects one of moto's.
"""

import importlib
import pkgutil

from local_aws.extensions.calls import ApiError, Call, Reply, answer, operations

# Each module registers its own operations.
for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["ApiError", "Call", "Reply", "answer", "operations"]
