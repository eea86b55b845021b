"""The picture of a pipeline is XML, holds each job and line once, and can be read on a dark ground."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from cli.pipeline.graph_svg import CHARACTER, PAD
from tests.cli.pipeline.pipeline_tree import KINDS, Tree

SVG = "{http://www.w3.org/2000/svg}"


# What would end a text, an attribute, a tag or a section, start an entity, or steer a terminal.
EVIL = "</text><script>alert('1')</script>&amp;&#0;]]>\"'<!--\x00\x1b[31m\u202e\ufffe\n\t-->🛒 {x} [[y]]"


def heads(text: str) -> list[str]:
    """The jobs of a drawing, in order."""
    return re.findall(r"^ .{6,9}[■◆≈○] (\w+)", text, re.MULTILINE)


def picture(tree: Tree, name: str) -> ET.Element:
    file = tree.root / "graph.svg"
    answer = tree.pipeline("show", name, "--svg", str(file))
    assert (answer.code, answer.out, answer.err) == (0, f"{file}\n", "")
    return ET.parse(file).getroot()


def boxes(root: ET.Element) -> dict[str, ET.Element]:
    return {
        g.attrib["id"].removeprefix("job-"): g
        for g in root.iter(f"{SVG}g")
        if g.get("id", "").startswith("job-")
    }


def test_a_stream_is_shown_with_its_topic_and_its_table(tree: Tree) -> None:
    tree.add("events", "streaming")
    assert "stream  events_ingest: order_events ⇒ bronze.events" in tree.pipeline("show", "events").out
    (box,) = boxes(picture(tree, "events")).values()
    texts = [t.text for t in box.iter(f"{SVG}text")]
    assert {"order_events ⇒", "  bronze.events"} <= set(texts)
    assert box.get("class") == "stream"


@pytest.mark.parametrize("kind", ["retail", *KINDS])
def test_the_picture_is_xml_and_holds_each_job_once_and_each_line(tree: Tree, kind: str) -> None:
    name = kind if kind == "retail" else "sales"
    if name == "sales":
        assert tree.new(name, kind).code == 0
    root = picture(tree, name)
    graph = json.loads(tree.pipeline("show", name, "--json").out)
    ids = [g.attrib["id"] for g in root.iter(f"{SVG}g") if "id" in g.attrib]
    assert sorted(ids) == sorted(f"job-{n['name']}" for n in graph["nodes"])
    drawn = [
        (p.get("data-from"), p.get("data-to")) for p in root.iter(f"{SVG}path") if p.get("class") == "line"
    ]
    assert sorted(drawn) == sorted((a, b) for a, b in graph["edges"])
    for job, box in boxes(root).items():
        assert (box.findtext(f"{SVG}text") or "").split()[-1] == job
        width = float(box.find(f"{SVG}rect").attrib["width"])  # type: ignore[union-attr]
        assert all(len(t.text or "") * CHARACTER + 2 * PAD <= width for t in box.iter(f"{SVG}text"))


def test_the_picture_can_be_read_on_dark(tree: Tree) -> None:
    style = picture(tree, "retail").findtext(f"{SVG}style") or ""
    light, _, dark = style.partition("@media (prefers-color-scheme: dark)")
    used = set(re.findall(r"var\((--\w+)\)", style))
    assert used
    for part in (light, dark):
        colours = dict(re.findall(r"(--\w+): (#[0-9a-f]{6});", part))
        assert colours.keys() == used
        # WCAG 2.1 asks 4.5 of text.
        assert all(
            contrast(colours[ink], colours[on]) >= 4.5
            for ink in ("--ink", "--soft")
            for on in ("--paper", "--box")
        )


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_no_text_of_a_file_can_break_the_picture_or_steer_the_terminal(tree: Tree) -> None:
    tree.add("sales", "batch")

    def change(document: dict[str, Any]) -> None:
        document |= {"pipeline_name": EVIL, "description": EVIL}
        for step in document["execution_sequence"]:
            step["description"] = EVIL

    tree.config("sales", change)
    root = picture(tree, "sales")
    assert not list(root.iter(f"{SVG}script"))
    assert {e.tag.removeprefix(SVG) for e in root.iter()} == {
        "svg",
        "title",
        "desc",
        "style",
        "defs",
        "marker",
        "path",
        "rect",
        "text",
        "g",
    }
    assert "<script>alert('1')</script>&amp;" in (root.findtext(f"{SVG}title") or "")
    out = tree.pipeline("show", "sales").out
    assert all(c.isprintable() for line in out.splitlines() for c in line)
    assert heads(out) == ["bronze_to_silver", "sales_setup", "sales_build"]
