"""A pipeline's graph as an SVG file: boxes and lines, readable on light and on dark."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

from cli.pipeline.graph import Graph, Node
from cli.pipeline.graph_layout import Layout, Place, layout
from cli.pipeline.graph_text import MARKS, about, headline, plain
from lakehouse.reading.faults import shorten

CHARACTER, LINE, PAD = 7.3, 17, 12
# A box says so many tables; the file's <title> of the box says all.
MOST = 4
HEAD = 64
STYLE = """
svg { --ink: #1f2328; --soft: #59636e; --paper: #ffffff; --box: #f6f8fa; \
--job: #0969da; --gate: #bc4c00; --stream: #1a7f37; }
@media (prefers-color-scheme: dark) {
  svg { --ink: #f0f6fc; --soft: #9198a1; --paper: #0d1117; --box: #151b23; \
--job: #4493f8; --gate: #db6d28; --stream: #3fb950; }
}
.paper { fill: var(--paper); } \
text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: var(--soft); white-space: pre; }
.name, .title { fill: var(--ink); font-weight: 600; } .title { font-size: 15px; }
rect.box { fill: var(--box); stroke: var(--job); stroke-width: 1.5; } \
.gate rect.box { stroke: var(--gate); stroke-width: 2.5; }
.stream rect.box { stroke: var(--stream); } .outside rect.box { stroke: var(--soft); stroke-dasharray: 5 4; }
path.line { fill: none; stroke: var(--soft); stroke-width: 1.3; } .head { fill: var(--soft); }
"""


def svg(graph: Graph) -> str:
    """A whole file. Every text in it is escaped."""
    texts = {n.name: _lines(n) for n in graph.nodes}
    wide = max(len(line) for lines in texts.values() for line in lines) * CHARACTER + 2 * PAD
    sizes = {name: (wide, len(lines) * LINE + 2 * PAD) for name, lines in texts.items()}
    placed = layout([[n.name for n in level] for level in graph.levels()], graph.edges, sizes)
    title = headline(graph)
    width, height = max(placed.width, len(title) * 9.5 + 48), placed.height + HEAD
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width:.0f} {height:.0f}",
            "role": "img",
            "width": f"{width:.0f}",
        },
    )
    _add(root, "title", title)
    _add(root, "desc", plain(graph.description) or title)
    _add(root, "style", STYLE)
    _add_arrow_head(root)
    ET.SubElement(root, "rect", {"class": "paper", "width": "100%", "height": "100%"})
    _add(root, "text", title, {"class": "title", "x": "24", "y": "32"})
    _add(root, "text", shorten(plain(graph.description), int(width / CHARACTER) - 7), {"x": "24", "y": "52"})
    body = ET.SubElement(root, "g", {"transform": f"translate({(width - placed.width) / 2:.1f} {HEAD})"})
    _draw(body, graph, placed, texts)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def _add_arrow_head(root: ET.Element) -> None:
    marker = ET.SubElement(
        ET.SubElement(root, "defs"),
        "marker",
        {
            "id": "head",
            "viewBox": "0 0 8 8",
            "refX": "7",
            "refY": "4",
            "markerWidth": "8",
            "markerHeight": "8",
            "orient": "auto",
        },
    )
    ET.SubElement(marker, "path", {"d": "M0 0 L8 4 L0 8 z", "class": "head"})


def _draw(body: ET.Element, graph: Graph, placed: Layout, texts: dict[str, list[str]]) -> None:
    for (a, b), places in placed.lines.items():
        ET.SubElement(
            body,
            "path",
            {"class": "line", "d": _path(places), "marker-end": "url(#head)", "data-from": a, "data-to": b},
        )
    for node in graph.nodes:
        at = placed.boxes[node.name]
        group = ET.SubElement(
            body,
            "g",
            {"id": f"job-{node.name}", "class": node.role, "transform": f"translate({at.x:.1f} {at.y:.1f})"},
        )
        _add(group, "title", _whole(node))
        ET.SubElement(
            group,
            "rect",
            {"class": "box", "width": f"{at.width:.1f}", "height": f"{at.height:.1f}", "rx": "6"},
        )
        for i, line in enumerate(texts[node.name]):
            _add(
                group,
                "text",
                line,
                {"x": str(PAD), "y": str(PAD + LINE * i + 12), **({} if i else {"class": "name"})},
            )


def _lines(node: Node) -> list[str]:
    lines = [f"{MARKS[node.role]} {node.name}", about(node)]
    for stream in node.streams:
        lines += [f"{', '.join(stream.source)} ⇒", *(f"  {t}" for t in stream.writes)]
    if not node.streams:
        arrow, tables = ("→", node.writes) if node.writes else ("←", node.reads)
        lines += [f"{arrow} {t}" for t in tables[:MOST]] + (
            [f"  and {len(tables) - MOST} more"] if len(tables) > MOST else []
        )
    return [plain(line) for line in lines]


def _whole(node: Node) -> str:
    parts = [
        node.name,
        node.description,
        *(f"{label} {', '.join(v)}" for label, v in (("reads", node.reads), ("writes", node.writes)) if v),
    ]
    return plain(" · ".join(part for part in parts if part))


def _path(places: list[Place]) -> str:
    """From the foot of the first box to the head of the last, straight down through the levels between."""
    first = places[0]
    out = [f"M{first.middle:.1f} {first.y + first.height:.1f}"]
    for above, below in pairwise(places):
        start, end = above.y + above.height, below.y
        bend = (start + end) / 2
        out.append(
            f"C{above.middle:.1f} {bend:.1f} {below.middle:.1f} {bend:.1f} {below.middle:.1f} {end:.1f}"
        )
        if below is not places[-1]:
            out.append(f"V{below.y + below.height:.1f}")
    return " ".join(out)


def _add(parent: ET.Element, tag: str, text: str, attributes: dict[str, str] | None = None) -> None:
    ET.SubElement(parent, tag, attributes or {}).text = text
