"""Where the parts of the Filler page stand in the room there is; pure geometry in logical px."""

from dataclasses import dataclass

from hmi.panel.theme import Theme

COMPACT_BELOW = 1100
_WIDE_FROM = 1500
_RIGHT, _RIGHT_WIDE = 252, 300
_BAR = 136
_TABS = 48
_TRENDS_LEAST, _TRENDS, _TRENDS_MOST = 120, 164, 220
_MODE, _COMMANDS, _COUNT = 142, 240, 86
_MODE_SHORT, _COUNT_SHORT = 132, 72
_INTERLOCKS, _INTERLOCKS_MOST = 148, 236
_COMMAND = 64
_INTERLOCKS_COMPACT = 156
_LINK = 132


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle; one without width is not shown."""

    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0

    @property
    def shown(self) -> bool:
        return self.width > 0


HIDDEN = Place()


@dataclass(frozen=True, slots=True)
class FillerLayout:
    """Every part's place. ``tabs`` is shown where machine and trends take turns in the same place."""

    mimic: Place
    trends: Place
    link: Place
    mode: Place
    commands: Place
    interlocks: Place
    count: Place
    tabs: Place = HIDDEN
    compact: bool = False


def lay_out(
    theme: Theme, width: int, height: int, mimic_height: int, *, linked: bool, command: int = _COMMAND
) -> FillerLayout:
    """``mimic_height`` is that of the drawing at scale 1, below which it is never shown.

    ``command`` is the height of a command button at this touch size.
    """
    gap = theme.px("frame", "gutter")
    if width < COMPACT_BELOW:
        return _compact(width, height, gap, command - _COMMAND, linked=linked)
    right = _RIGHT_WIDE if width >= _WIDE_FROM else _RIGHT
    left = width - right - gap
    spare = height - mimic_height - gap
    if spare < _TRENDS_LEAST:
        stage = Place(0, 0, left, height - _TABS - gap)
        parts = (stage, stage, _bottom(stage), Place(0, height - _TABS, left, _TABS))
    else:
        tall = spare if spare <= _TRENDS else min(_TRENDS_MOST, max(_TRENDS, height // 5))
        mimic = Place(0, 0, left, height - tall - gap)
        trends = Place(0, height - tall, left, tall)
        parts = (mimic, trends, trends, HIDDEN)
    mimic, trends, link, tabs = parts
    column = _column(left + gap, right, height, gap, command - _COMMAND)
    link = HIDDEN if linked else link
    trends = HIDDEN if link.shown and not tabs.shown else trends
    return FillerLayout(mimic, trends, link, *column, tabs)


def _column(x: int, width: int, height: int, gap: int, more: int) -> tuple[Place, Place, Place, Place]:
    """Mode, commands, interlocks, count from the top; ``more`` px for each button than drawn.

    What is left over goes to the interlocks, then to the count.
    """
    tall = height >= _MODE + _COMMANDS + 4 * more + _INTERLOCKS + _COUNT + 3 * gap
    mode, count = (_MODE, _COUNT) if tall else (_MODE_SHORT, _COUNT_SHORT)
    mode, commands = mode + more, _COMMANDS + 3 * more
    rest = height - mode - commands - 3 * gap
    if rest - count < _INTERLOCKS:
        interlocks, count = rest + gap, 0
    else:
        interlocks = min(_INTERLOCKS_MOST, rest - count)
        count = rest - interlocks
    below = mode + gap
    return (
        Place(x, 0, width, mode),
        Place(x, below, width, commands),
        Place(x, below + commands + gap, width, interlocks),
        Place(x, height - count, width, count) if count > 0 else HIDDEN,
    )


def _compact(width: int, height: int, gap: int, more: int, *, linked: bool) -> FillerLayout:
    """A bar of 136 below the stage instead of the column; trends and interlocks share the stage by tab."""
    bar, tabs = _BAR + more, _TABS + more
    stage = Place(0, 0, width, height - bar - gap)
    top, mode_width, count_width = height - bar, 198, 140
    commands_x = mode_width + gap
    count_x = width - count_width
    commands = Place(commands_x, top, count_x - gap - commands_x, bar)
    trends_height = stage.height - _INTERLOCKS_COMPACT - gap
    return FillerLayout(
        stage,
        Place(0, 0, width, trends_height),
        HIDDEN if linked else commands,
        Place(0, top, mode_width, bar),
        commands if linked else HIDDEN,
        Place(0, trends_height + gap, width, _INTERLOCKS_COMPACT),
        Place(count_x, top, count_width, bar - tabs - gap),
        Place(count_x, height - tabs, count_width, tabs),
        compact=True,
    )


def _bottom(stage: Place) -> Place:
    return Place(stage.x, stage.y + stage.height - _LINK, stage.width, _LINK)
