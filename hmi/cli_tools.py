"""Commands for simulators and MQTT tools; each module is imported when its command is chosen.

A module gives ``add_arguments(parser)`` and ``run(args) -> exit status``.
"""

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple


class Tool(NamedTuple):
    """``words`` are what is typed, such as ``sim mqtt``; ``text`` is its line in the help."""

    words: tuple[str, ...]
    module: str
    text: str


GROUPS = {
    "sim": "simulators",
    "sparkplug": "tools for any Sparkplug system",
    "tags": "the tags of a plant file as a table",
}

TOOLS = (
    Tool(("sim", "line"), "sim.line_run", "a bottle filler behind S7 and Allen-Bradley controllers"),
    Tool(("sim", "mqtt"), "sim.mqtt_agent", "a bottle filler that publishes JSON over MQTT"),
    Tool(("sim", "fleet"), "sim.fleet_run", "a fleet of Sparkplug edge nodes"),
    Tool(("sim", "broker"), "sim.broker", "a small MQTT broker for demonstrations"),
    Tool(("view",), "hmi.mqtt_view", "show what arrives on MQTT topics"),
    Tool(("sparkplug", "watch"), "hmi.sparkplug_watch", "show every node, device and metric on a broker"),
    Tool(
        ("sparkplug", "check"),
        "sim.sparkplug_check.command",
        "test an edge node, a host or a broker against the specification",
    ),
    Tool(
        ("discover",), "hmi.discover", "find controllers, browse their tags and take them into a plant file"
    ),
    Tool(("tags", "export"), "hmi.tags_export", "write all tags of a plant file as a CSV or XLSX table"),
    Tool(("tags", "import"), "hmi.tags_import", "take a CSV or XLSX table of tags into a plant file"),
    Tool(("loadtest",), "sim.load", "load a broker and measure loss and latency"),
)


def add_tools(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", arguments: Sequence[str]
) -> None:
    """Register every tool; only the one that ``arguments`` begin with is imported."""
    groups: dict[str, argparse._SubParsersAction[argparse.ArgumentParser]] = {}
    for tool in TOOLS:
        parent = commands
        if len(tool.words) > 1:
            name = tool.words[0]
            if name not in groups:
                parser = commands.add_parser(name, help=GROUPS[name], description=GROUPS[name].capitalize())
                groups[name] = parser.add_subparsers(metavar="WHAT", required=True)
            parent = groups[name]
        sub = parent.add_parser(
            tool.words[-1], help=tool.text, description=tool.text[0].upper() + tool.text[1:]
        )
        if tuple(arguments[: len(tool.words)]) == tool.words:
            module = import_module(tool.module)
            module.add_arguments(sub)
            sub.set_defaults(command=module.run)
