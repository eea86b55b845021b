"""Each unit price has its source, and the guide lists it."""

from __future__ import annotations

from lakehouse.environments.unit_prices import shipped_prices
from lakehouse.project import project_root


def test_the_guide_lists_every_price_with_its_source() -> None:
    guide = (project_root() / "docs/guides/cost.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in guide if line.startswith("| `")]
    listed = {row[0].strip("`"): row[1:] for row in rows if len(row) == 4 and row[3].startswith("https://")}
    assert {name: [float(row[0]), *row[1:]] for name, row in listed.items()} == {
        name: [price.usd, price.per, price.source] for name, price in shipped_prices().items()
    }
