"""`lakehouse pipeline show` lists every job once, after what it waits for.

It does so in the terminal, for machines and as a picture.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.pipeline.graph_layout import Edge, Place, layout
from cli.pipeline.graph_svg import CHARACTER, PAD
from lakehouse.pipelines import load_pipelines
from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import KINDS, ROOT, Tree, error_text

SVG = "{http://www.w3.org/2000/svg}"
RETAIL = load_pipelines()["retail"]
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


def test_the_terminal_shows_every_job_once_after_what_it_waits_for(lakehouse: Call) -> None:
    answer = lakehouse("pipeline", "show", "retail")
    assert (answer.code, answer.err) == (0, "")
    drawn = heads(answer.out)
    assert sorted(drawn) == sorted(j.name for j in RETAIL.jobs)
    assert all(drawn.index(d) < drawn.index(j.name) for j in RETAIL.jobs for d in j.depends_on)
    assert answer.out.count("▼") == len(RETAIL.levels()) - 1
    assert all(table in answer.out for j in RETAIL.jobs for table in (*j.reads, *j.writes))
    assert re.findall(r"◆ (\w+)", answer.out)[:2] == ["dq_silver_gate", "dq_gold_gate"]


def test_no_line_is_longer_than_100_columns(lakehouse: Call, tree: Tree) -> None:
    tree.add("n" * 32, "batch")
    for name in load_pipelines(tree.root):
        assert max(len(line) for line in tree.pipeline("show", name).out.splitlines()) <= 100


def test_machines_are_told_the_same(lakehouse: Call) -> None:
    graph = json.loads(lakehouse("pipeline", "show", "retail", "--json").out)
    nodes = {n["name"]: n for n in graph["nodes"]}
    assert (graph["name"], graph["kind"]) == ("retail", "metadata")
    for job in RETAIL.jobs:
        assert (nodes[job.name]["reads"], nodes[job.name]["writes"]) == (list(job.reads), list(job.writes))
        assert nodes[job.name]["after"] == list(job.depends_on)
    for level, wave in enumerate(RETAIL.levels(), 1):
        assert {n for n, node in nodes.items() if node["level"] == level} == {j.name for j in wave}
    assert {n for n, node in nodes.items() if node["role"] == "gate"} == {"dq_silver_gate", "dq_gold_gate"}
    assert ["bronze_to_silver", "dq_silver_gate"] in graph["edges"]


def test_jobs_of_other_pipelines_that_write_what_is_read_stand_outside(tree: Tree) -> None:
    tree.add("sales", "batch")
    shown = tree.pipeline("show", "sales").out
    assert "○ bronze_to_silver" in shown
    assert "after   sales_setup, bronze_to_silver (retail)" in shown
    graph = json.loads(tree.pipeline("show", "sales", "--json").out)
    assert [(n["name"], n["pipeline"], n["writes"]) for n in graph["nodes"] if n["role"] == "outside"] == [
        ("bronze_to_silver", "retail", ["silver.orders"])
    ]
    assert sorted(map(tuple, graph["edges"])) == [
        ("bronze_to_silver", "sales_build"),
        ("sales_setup", "sales_build"),
    ]


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


def test_a_pipeline_with_a_fault_is_not_drawn_but_that_of_another_does_not_matter(tree: Tree) -> None:
    tree.change("pipelines/retail/job.csv", "0 3 * * *", "0 25 * * *")
    answer = tree.pipeline("show", "retail")
    assert (answer.code, answer.out) == (2, "")
    assert "LK303" in answer.err
    tree.add("sales", "metadata")
    assert tree.pipeline("show", "sales").code == 0


def test_an_unknown_pipeline_is_refused_with_the_nearest(lakehouse: Call) -> None:
    answer = lakehouse("pipeline", "show", "retial")
    assert answer.code == 2
    assert "unknown pipeline 'retial'; did you mean 'retail'?" in error_text(answer)


@pytest.mark.parametrize("verb", ["show", "validate", "update"])
def test_the_shell_completes_names(verb: str, monkeypatch: pytest.MonkeyPatch, lakehouse: Call) -> None:
    monkeypatch.setenv("_LAKEHOUSE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"lakehouse pipeline {verb} ret")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert lakehouse().out.split() == ["retail"]


def test_looking_at_a_pipeline_loads_neither_spark_nor_boto3_nor_the_stack() -> None:
    script = (
        "import sys; sys.argv = ['lakehouse', 'pipeline', 'show', 'retail']\n"
        "from cli.app import main\ntry:\n    main()\nexcept SystemExit: pass\n"
    )
    script += "print([m for m in ('pyspark', 'boto3', 'pandas', 'cdktf', 'copier') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


# -- where boxes and lines go


@st.composite
def layered(draw: st.DrawFn) -> tuple[list[list[str]], list[Edge], dict[str, tuple[float, float]]]:
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    levels = [[f"j{i}_{k}" for k in range(n)] for i, n in enumerate(sizes)]
    pairs = [
        (a, b) for i, upper in enumerate(levels) for lower in levels[i + 1 :] for a in upper for b in lower
    ]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=20)) if pairs else []
    return (
        levels,
        edges,
        {n: (draw(st.integers(40, 300)), draw(st.integers(30, 120))) for level in levels for n in level},
    )


def apart(a: Place, b: Place) -> bool:
    return a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


@settings(max_examples=60, deadline=None)
@given(layered())
def test_boxes_lie_apart_inside_the_picture_and_lines_pass_beside_them(
    given_: tuple[list[list[str]], list[Edge], dict[str, tuple[float, float]]],
) -> None:
    levels, edges, sizes = given_
    drawing = layout(levels, edges, sizes)
    assert drawing.boxes.keys() == sizes.keys()
    for box in drawing.boxes.values():
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= drawing.width
        assert box.y + box.height <= drawing.height
    assert all(drawing.boxes[n].width >= w and drawing.boxes[n].height >= h for n, (w, h) in sizes.items())
    assert all(apart(a, b) for a, b in combinations(drawing.boxes.values(), 2))
    at = {name: i for i, level in enumerate(levels) for name in level}
    for (a, b), places in drawing.lines.items():
        assert (places[0], places[-1]) == (drawing.boxes[a], drawing.boxes[b])
        # A stand-in for each level that it passes, where no box is.
        assert len(places) == at[b] - at[a] + 1
        assert all(above.y + above.height < below.y for above, below in pairwise(places))
        assert all(apart(stand_in, box) for stand_in in places[1:-1] for box in drawing.boxes.values())


def test_lines_that_need_not_cross_do_not() -> None:
    levels = [["a", "b", "c", "d"], ["d2", "c2", "b2", "a2"]]
    edges = [(n, f"{n}2") for n in "abcd"]
    drawing = layout(levels, edges, {n: (50, 20) for level in levels for n in level})
    assert all(drawing.boxes[n].x == drawing.boxes[f"{n}2"].x for n in "abcd")
