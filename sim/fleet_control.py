"""Commands that disturb a simulated fleet, for the control port. Pure; ``control`` has the socket.

cut NODE                  pull its cable: the broker sends its will; it stays away
restore NODE              plug it in again
mute NODE SECONDS         it stays connected and says nothing
gap NODE                  it skips a sequence number
rebirth NODE              it gives birth again, unasked
kill-device NODE DEVICE   DDEATH
revive-device NODE DEVICE DBIRTH
clock NODE +SECONDS       its clock is so far off
nodes                     all nodes and how they are
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from sim.control import Reply


class FleetCommandError(ValueError):
    """A command for a node or device that does not exist, or that cannot be understood."""


class ControlledFleet(Protocol):
    """What can be done to a fleet from outside; safe from any thread."""

    def cut(self, node: str) -> None: ...
    def restore(self, node: str) -> None: ...
    def mute(self, node: str, seconds: float) -> None: ...
    def gap(self, node: str) -> None: ...
    def rebirth(self, node: str) -> None: ...
    def kill_device(self, node: str, device: str) -> None: ...
    def revive_device(self, node: str, device: str) -> None: ...
    def set_clock(self, node: str, offset_s: float) -> None: ...
    def nodes(self) -> Sequence[Mapping[str, object]]: ...


def answer(fleet: ControlledFleet, text: str) -> Reply:
    """Carry out one command; whatever is wrong with it comes back as an error, never as an exception."""
    name, *arguments = text.split() or [""]
    if name.lower() == "help":
        return {"ok": True, "commands": list(_USAGE)}
    command = _COMMANDS.get(name.lower())
    if command is None:
        return {"ok": False, "error": f"{name!r} is not a command: there are {'; '.join(_USAGE)}"}
    usage, act = command
    if len(arguments) != len(usage.split()) - 1:
        return {"ok": False, "error": f"expected: {usage}"}
    try:
        return {"ok": True, **(act(fleet, arguments) or {})}
    except FleetCommandError as error:
        return {"ok": False, "error": str(error)}


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise FleetCommandError(f"{text!r} is no number of seconds") from None


_Act = Callable[[ControlledFleet, Sequence[str]], Reply | None]

_COMMANDS: dict[str, tuple[str, _Act]] = {
    "cut": ("cut NODE", lambda fleet, words: fleet.cut(words[0])),
    "restore": ("restore NODE", lambda fleet, words: fleet.restore(words[0])),
    "mute": ("mute NODE SECONDS", lambda fleet, words: fleet.mute(words[0], _seconds(words[1]))),
    "gap": ("gap NODE", lambda fleet, words: fleet.gap(words[0])),
    "rebirth": ("rebirth NODE", lambda fleet, words: fleet.rebirth(words[0])),
    "kill-device": ("kill-device NODE DEVICE", lambda fleet, words: fleet.kill_device(words[0], words[1])),
    "revive-device": (
        "revive-device NODE DEVICE",
        lambda fleet, words: fleet.revive_device(words[0], words[1]),
    ),
    "clock": ("clock NODE +SECONDS", lambda fleet, words: fleet.set_clock(words[0], _seconds(words[1]))),
    "nodes": ("nodes", lambda fleet, _words: {"nodes": list(fleet.nodes())}),
}
_USAGE = (*(usage for usage, _ in _COMMANDS.values()), "help")
