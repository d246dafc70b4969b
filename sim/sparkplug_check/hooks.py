"""What the checker may ask others to do to the subject: callables, or commands of the shell."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from sim.sparkplug_check.session import CannotCheckError

_COMMAND_S = 60


class WriteRequest(NamedTuple):
    """A value the host is to write to a metric of a node (``device`` None) or device."""

    group: str
    node: str
    device: str | None
    metric: str
    value: int


@dataclass(frozen=True, slots=True)
class Hooks:
    """Each is optional; what needs a missing one is not tested.

    ``start`` runs the subject again after ``stop`` (an orderly end) or ``kill`` (no farewell).
    ``restart`` does ``stop`` and ``start`` in one where they are not given. ``lose_device`` makes a field
    device unreachable, ``restore_device`` reachable again. ``write`` makes a host write, ``dump`` gives back
    what it knows of its nodes; the shape is in docs/sparkplug-check.md.
    """

    start: Callable[[], None] | None = None
    stop: Callable[[], None] | None = None
    kill: Callable[[], None] | None = None
    restart: Callable[[], None] | None = None
    lose_device: Callable[[], None] | None = None
    restore_device: Callable[[], None] | None = None
    write: Callable[[WriteRequest], None] | None = None
    dump: Callable[[], Mapping[str, Any]] | None = None


def hook_names() -> list[str]:
    """As they are written on the command line."""
    return [each.name.replace("_", "-") for each in fields(Hooks)]


def from_commands(commands: Mapping[str, str]) -> Hooks:
    """Hooks that run these commands of the shell."""

    def plain(name: str) -> Callable[[], None] | None:
        command = commands.get(name)
        return None if command is None else lambda: _discard(_run(command, {}))

    write, dump = commands.get("write"), commands.get("dump")
    return Hooks(
        start=plain("start"),
        stop=plain("stop"),
        kill=plain("kill"),
        restart=plain("restart"),
        lose_device=plain("lose-device"),
        restore_device=plain("restore-device"),
        write=None if write is None else lambda request: _discard(_run(write, _environment(request))),
        dump=None if dump is None else lambda: _parse(_run(dump, {})),
    )


def _environment(request: WriteRequest) -> dict[str, str]:
    return {
        f"SPARKPLUG_{name.upper()}": "" if value is None else str(value)
        for name, value in request._asdict().items()
    }


def _run(command: str, extra: Mapping[str, str]) -> str:
    """What the command wrote. A command that starts the subject must put it into the background."""
    try:
        done = subprocess.run(
            command,
            shell=True,
            check=True,
            timeout=_COMMAND_S,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={**os.environ, **extra},
            text=True,
        )
    except subprocess.CalledProcessError as error:
        raise CannotCheckError(f"The hook {command!r} ended with status {error.returncode}") from None
    except subprocess.TimeoutExpired:
        raise CannotCheckError(f"The hook {command!r} did not end within {_COMMAND_S} s") from None
    return done.stdout


def _parse(text: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise CannotCheckError("The hook dump wrote no JSON object")
    return content


def _discard(_output: str) -> None:
    """The output of a hook that is only told to do something."""
