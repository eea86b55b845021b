"""The zip files of the functions: a folder of lambdas/, what of the tree it imports, and its packages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOMS = ("environments", "facts", "lakeformation", "lambdas", "pipelines", "schemas")


def function_names(root: Path) -> tuple[str, ...]:
    """The folders of lambdas/ that have a handler."""
    return tuple(sorted(f.parent.name for f in (root / "lambdas").glob("*/handler.py")))


def sources(root: Path, name: str) -> dict[str, Path]:
    """Every module of the tree that the handler imports, directly or not, and the packages they are in.

    Only those: a change of what a function does not know must not deploy it anew.
    """
    found: dict[str, Path] = {}
    waiting = [root / "lambdas" / name / "handler.py"]
    while waiting:
        file = waiting.pop()
        path = file.relative_to(root).as_posix()
        if path not in found:
            found[path] = file
            waiting += [f for f in (*_packages(root, file), *_imports(root, file)) if f.is_file()]
    return found


def _packages(root: Path, file: Path) -> Iterator[Path]:
    for folder in file.parents:
        if folder == root:
            return
        yield folder / "__init__.py"


def _imports(root: Path, file: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from package import module` names a module, too.
            modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for module in modules:
            if module.split(".")[0] in ROOMS:
                place = root.joinpath(*module.split("."))
                yield from (place.with_suffix(".py"), place / "__init__.py")
