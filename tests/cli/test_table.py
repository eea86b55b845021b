"""Tables fit their terminal, and values can be pasted."""

from __future__ import annotations

import pytest

from cli.table import cell, print_table


def printed(capsys: pytest.CaptureFixture[str], columns: list[str], *rows: list[object]) -> list[str]:
    print_table("", columns, rows, right=["rows"], null="NULL", width=40)
    return capsys.readouterr().out.splitlines()


def test_keys_stand_as_they_are_counts_with_separators_and_null_is_not_blank() -> None:
    assert cell(7011790570374497522, "customer_sk", counted=False) == "7011790570374497522"
    assert (cell(1453, "rows"), cell(None, null="NULL"), cell(True)) == ("1,453", "NULL", "yes")
    assert (cell(0.5, "seconds"), cell(71.5, "seconds"), cell(0.5, "cost_usd")) == ("0.5", "71.5", "0.5000")


def test_only_the_widest_column_is_folded(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, ["id", "rows", "text"], [1453, 1453, "word " * 20 + "[end]"])
    assert max(map(len, lines)) <= 40
    assert lines[1].split()[:2] == ["1453", "1,453"]
    assert " ".join(" ".join(lines).split()).count("word") == 20
    assert lines[-1].rstrip().endswith("[end]")


def test_a_row_that_is_wider_than_the_terminal_stands_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"column_{n}" for n in range(8)]
    lines = printed(capsys, names, [None, *range(7)])
    assert [line.split() for line in lines if line] == [
        ["column_0", "NULL"],
        *([name, str(n)] for n, name in enumerate(names[1:])),
    ]
