"""Puts the results into docs/performance.md, between its two markers; the text around them stays."""

from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN = "<!-- bench: begin (written by dev.py bench --write) -->"
END = "<!-- bench: end -->"


def with_results(page: str, machine: Sequence[str], table: str) -> str:
    """The page with its results replaced; ValueError where the markers are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page lacks the markers between which results are written")
    facts = "\n".join(f"- {line}" for line in machine)
    return f"{before}{BEGIN}\n{facts}\n\n{table}\n{END}{after}"


def write_results(machine: Sequence[str], table: str, page: Path = PAGE) -> None:
    page.write_text(with_results(page.read_text(encoding="utf-8"), machine, table), encoding="utf-8")
