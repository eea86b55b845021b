"""WHERE IT RUNS: the stack, made from the facts. Everything that knows cdktf lives here."""

from infra import bindings as _bindings

_bindings.load_lazily()
