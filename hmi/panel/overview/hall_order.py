"""How the lines of a hall stand, which of them are shown, in what order and in what grid; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from engine.connections import ConnectionState, stop_word
from hmi.panel.machine_look import NO_DATA_LOOK, MachineLook, RibbonKind, StateGlyph

OFF_LOOK = MachineLook("Off", StateGlyph.OFF, RibbonKind.OFF)
CONNECTING_LOOK = MachineLook("Connecting", StateGlyph.NO_DATA, RibbonKind.NO_DATA)

LEAST_CARD = (270, 176)
"""Least width and height of a card whose figures can be read."""
_SIX_FROM = 1700
_NO_PRIORITY = 5


class Group(Enum):
    """Every line is in one of them."""

    RUNNING = "running"
    ATTENTION = "attention"
    RESTING = "resting"


class Order(Enum):
    """As the plant file lists the lines, or what needs somebody first."""

    LINE = "line"
    URGENCY = "urgency"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a line stands; ``priority`` is that of its most severe alarm bit that is on."""

    look: MachineLook
    group: Group
    priority: int | None = None
    known: bool = True

    @property
    def critical(self) -> bool:
        return self.priority == 1


def standing(
    link: ConnectionState | None,
    look: MachineLook | None,
    priorities: Iterable[int] = (),
    connection_type: str = "",
) -> Standing:
    """``look`` is what the machine does, None while that is not known."""
    if link is ConnectionState.DISABLED:
        return Standing(OFF_LOOK, Group.RESTING, known=False)
    if look is None:
        return Standing(_unknown_look(link, connection_type), Group.ATTENTION, known=False)
    priority = min(priorities, default=None)
    return Standing(look, Group.ATTENTION if priority == 1 else _GROUPS[look.ribbon], priority)


def _unknown_look(link: ConnectionState | None, connection_type: str) -> MachineLook:
    if link is ConnectionState.STOPPED:
        return MachineLook(stop_word(connection_type), StateGlyph.NO_DATA, RibbonKind.NO_DATA)
    return CONNECTING_LOOK if link is ConnectionState.CONNECTING else NO_DATA_LOOK


_GROUPS = {
    RibbonKind.RUNNING: Group.RUNNING,
    RibbonKind.MINOR_STOP: Group.ATTENTION,
    RibbonKind.STOP: Group.ATTENTION,
    RibbonKind.STARVED_BLOCKED: Group.ATTENTION,
    RibbonKind.NO_DATA: Group.ATTENTION,
    RibbonKind.PLANNED: Group.RESTING,
    RibbonKind.READY: Group.RESTING,
    RibbonKind.OFF: Group.RESTING,
}


def counts(standings: Iterable[Standing]) -> dict[Group, int]:
    """How many lines are in each group; they sum to all lines."""
    found = dict.fromkeys(Group, 0)
    for each in standings:
        found[each.group] += 1
    return found


def selection(standings: Sequence[Standing], group: Group | None, order: Order) -> list[int]:
    """The places of the lines to show, in their order; ``group`` None for all."""
    chosen = [n for n, each in enumerate(standings) if group is None or each.group is group]
    return sorted(chosen, key=lambda n: (urgency(standings[n]), n)) if order is Order.URGENCY else chosen


def urgency(each: Standing) -> tuple[int, int, int]:
    """Smaller comes first: needs somebody, then the priority it reports, then what is worse by itself."""
    needs = {Group.ATTENTION: 0, Group.RUNNING: 1, Group.RESTING: 1}[each.group]
    worse = (
        (each.look.glyph is StateGlyph.FAULT, 0),
        (not each.known and each.group is Group.ATTENTION, 1),
        (each.group is Group.ATTENTION and each.look.ribbon is not RibbonKind.STARVED_BLOCKED, 2),
        (each.group is not Group.RESTING, 3),
    )
    rank = next((rank for so, rank in worse if so), 4)
    return needs, each.priority or _NO_PRIORITY, rank


@dataclass(frozen=True, slots=True)
class HallGrid:
    """Columns and rows of cards on one page; with more lines than that there are more pages."""

    columns: int
    rows: int

    @property
    def room(self) -> int:
        return self.columns * self.rows

    def pages(self, count: int) -> int:
        return max(1, -(-count // self.room))


def hall_grid(count: int, width: int, height: int, gutter: int) -> HallGrid:
    """2 x 2 up to four lines, 3 columns up to six, 4 x 3 up to twelve, then 6 x 4 where there is room."""
    columns = 2 if count <= 4 else 3 if count <= 6 else 4
    if count > 12 and width >= _SIX_FROM:
        columns = 6
    columns = max(1, min(columns, (width + gutter) // (LEAST_CARD[0] + gutter)))
    rows = min(-(-count // columns), 4 if columns == 6 else 3)
    return HallGrid(columns, max(1, min(rows, (height + gutter) // (LEAST_CARD[1] + gutter))))
