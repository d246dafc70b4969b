"""Results and how they are printed: a row says what was measured, its aim, and whether it was met."""

from collections.abc import Sequence
from dataclasses import dataclass

_VERDICT = {True: "pass", False: "**miss**", None: ""}


@dataclass(frozen=True, slots=True)
class Row:
    """One result. ``aim`` None: there is none. ``at_least``: the aim is a lower bound, else an upper one.

    ``ratio`` marks a result that is itself a ratio to something measured in the same run.
    """

    name: str
    value: float
    unit: str = ""
    aim: float | None = None
    at_least: bool = False
    ratio: bool = False
    note: str = ""

    @property
    def passed(self) -> bool | None:
        """None where there is no aim; a value that could not be measured (NaN) never passes."""
        if self.aim is None:
            return None
        return self.value >= self.aim if self.at_least else self.value <= self.aim


def failed_row(name: str, reason: str) -> Row:
    """A bench that could not be run counts as missed."""
    return Row(f"{name}: not measured", float("nan"), aim=0.0, note=reason.replace("\n", " "))


def markdown(rows: Sequence[Row]) -> str:
    """One table; ratios first, within them the order given."""
    ordered = [row for row in rows if row.ratio] + [row for row in rows if not row.ratio]
    cells = [("What", "Result", "Aim", "", "Notes")]
    cells += [(row.name, _result(row), _aim(row), _VERDICT[row.passed], row.note) for row in ordered]
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    rule = [f"{'-' * widths[0]}", f"{'-' * (widths[1] - 1)}:", f"{'-' * (widths[2] - 1)}:"]
    rule += ["-" * max(width, 3) for width in widths[3:]]
    lines = [_line(cells[0], widths), f"| {' | '.join(rule)} |"]
    return "\n".join([*lines, *(_line(line, widths) for line in cells[1:])])


def quantile(values: Sequence[float], part: float) -> float:
    """The nearest-rank quantile; NaN without values."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    left = [cells[0].ljust(widths[0]), cells[1].rjust(widths[1]), cells[2].rjust(widths[2])]
    return f"| {' | '.join([*left, *(c.ljust(w) for c, w in zip(cells[3:], widths[3:], strict=True))])} |"


def _result(row: Row) -> str:
    if row.value != row.value:
        return "-"
    return f"{_number(row.value)} {row.unit}".rstrip()


def _aim(row: Row) -> str:
    if row.aim is None:
        return ""
    return f"{'≥' if row.at_least else '≤'} {_number(row.aim)} {row.unit}".rstrip()


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
