"""The stack, made from the facts. No other package imports cdktf."""

from infra import bindings as _bindings

_bindings.load_lazily()
