"""The sources of a Lambda function: its folder of lambdas/ and the platform's modules that it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from lakehouse.platform_files import packages_root

PACKAGES = ("lakehouse", "lambdas")


def function_names(source_root: Path | None = None) -> tuple[str, ...]:
    """The folders of lambdas/ that have a handler."""
    root = source_root or packages_root()
    return tuple(sorted(file.parent.name for file in (root / "lambdas").glob("*/handler.py")))


def function_sources(name: str, source_root: Path | None = None) -> dict[str, Path]:
    """Every module of the platform that a handler imports, directly or not, with their packages.

    A change of any other module does not deploy the function again.
    """
    root = source_root or packages_root()
    sources: dict[str, Path] = {}
    waiting = [root / "lambdas" / name / "handler.py"]
    while waiting:
        file = waiting.pop()
        path = file.relative_to(root).as_posix()
        if path not in sources:
            sources[path] = file
            waiting += [f for f in (*_packages(root, file), *_imports(root, file)) if f.is_file()]
    return sources


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
            if module.split(".")[0] in PACKAGES:
                path = root.joinpath(*module.split("."))
                yield from (path.with_suffix(".py"), path / "__init__.py")
