"""A pipeline's graph for the terminal: level under level, at most 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from cli.pipeline.graph import Graph, Node

WIDTH = 100
MARKS = {"job": "■", "gate": "◆", "stream": "≈", "outside": "○"}
ARROW = ["       │", "       ▼"]


def drawn(graph: Graph) -> str:
    """Lines for people. What comes from a file cannot steer the terminal."""
    lines = [f"{headline(graph)} · {_count(len(graph.inside))}"]
    lines += textwrap.wrap(plain(graph.description), WIDTH)
    lines += ["", *_level("", graph.outside, {}), *ARROW] if graph.outside else [""]
    levels = [[n for n in level if n.role != "outside"] for level in graph.levels()]
    for i, nodes in enumerate([level for level in levels if level]):
        lines += [*(ARROW if i else []), *_level(str(i + 1), nodes, _waits(graph))]
    used = [role for role in MARKS if any(n.role == role for n in graph.nodes)]
    return "\n".join([*lines, "", "  ".join(f"{MARKS[role]} {_called(role)}" for role in used)])


def headline(graph: Graph) -> str:
    return plain(" · ".join(filter(None, (graph.title, graph.name, graph.kind))))


def _waits(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Job → the jobs outside that write its inputs, without streams, which never end."""
    homes = {n.name: n.pipeline for n in graph.outside if n.schedule != "continuous"}
    return {
        n.name: tuple(f"{a} ({homes[a]})" for a, b in graph.edges if b == n.name and a in homes)
        for n in graph.inside
    }


def plain(text: str) -> str:
    """The text without line breaks and other characters that are not printable."""
    return "".join(c if c.isprintable() else " " for c in text)


def _count(jobs: int) -> str:
    return f"{jobs} job" + ("" if jobs == 1 else "s")


def _called(role: str) -> str:
    return {"outside": "job of another pipeline"}.get(role, role)


def _level(mark: str, nodes: list[Node], waits: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for i, node in enumerate(nodes):
        last = i == len(nodes) - 1
        fork = "───" if len(nodes) == 1 else "─┬─" if not i else " └─" if last else " ├─"
        head = f"{mark if not i else '':>3} {fork} {MARKS[node.role]} {node.name:<32} {about(node)}"
        yield from textwrap.wrap(
            head, WIDTH, subsequent_indent=" " * 10, drop_whitespace=False, break_on_hyphens=False
        )
        for label, values in [("after", (*node.after, *waits.get(node.name, ()))), *_facts(node)]:
            yield from _wrapped("     │     " if not last else "           ", label, values)


def about(node: Node) -> str:
    """What kind of work it is, and when it runs."""
    when = "all the time" if node.schedule == "continuous" else node.schedule
    return (
        f"pipeline {node.pipeline} · {when}"
        if node.role == "outside"
        else f"{node.type or node.role} · {when}"
    )


def _facts(node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    for stream in node.streams:
        yield "stream", (f"{stream.task}:", f"{', '.join(stream.source)} ⇒ {', '.join(stream.writes)}")
    yield "reads", node.reads
    yield "writes", () if node.streams else node.writes


def _wrapped(indent: str, label: str, values: tuple[str, ...]) -> list[str]:
    text = ", ".join(values).replace(":, ", ": ")
    first, rest = f"{indent}{label:<8}", f"{indent}{'':8}"
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
