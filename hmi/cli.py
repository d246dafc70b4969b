"""The command line: running a plant, checking its file, and the tools of ``hmi.cli_tools``.

Everything a command needs is imported when it is chosen: ``brimline agent`` never loads Qt.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from engine.clock import SystemClock
from engine.config import PlantConfig, load_plant
from engine.errors import EngineError
from hmi import history_export
from hmi.cli_tools import add_tools
from hmi.data_folder import DataFolder, default_data_folder
from hmi.logs import log_event, set_up_logging

Command = Callable[[argparse.Namespace], int]
_INTERRUPTED = 130
"""What shells give for a command that Ctrl+C ended."""
_POLL_CHILD = "--poll-child"
"""How a program packed into one executable starts the processes that poll for it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when it worked, 1 when something was wrong, 2 for a bad command line."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == [_POLL_CHILD]:
        return _poll()
    try:
        options = _parser(words).parse_args(words)
        command: Command = options.command
        return command(options)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; writing the rest at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _poll() -> int:
    from drivers import poll_child

    poll_child.main()
    return 0


def check(args: argparse.Namespace) -> int:
    from hmi.check import run_check

    return run_check(args.file, sys.stdout)


def agent(args: argparse.Namespace) -> int:
    """Polls and records without a panel."""
    return _run_agent(load_plant(args.config_file, os.environ), args, os.environ)


def panel(args: argparse.Namespace) -> int:
    """Polls, records and shows."""
    return _run_panel(load_plant(args.config_file, os.environ), args, os.environ)


def demo(args: argparse.Namespace) -> int:
    from hmi.demo import Demo, own_plant_file, start_lines

    args.config_file = own_plant_file(args.data)
    scene = Demo(*start_lines(args), args.mqtt_port, args.nodes, args.fleet_port, args.host)
    try:
        scene.start()
        config = scene.config(args.config_file)
        run = _run_agent if args.no_panel else _run_panel
        return run(config, args, scene.environment, scene.wait_for_broker)
    finally:
        scene.stop()


def _nothing() -> None:
    """What a real plant has to wait for before it starts."""


def _run_agent(
    config: PlantConfig,
    args: argparse.Namespace,
    _env: Mapping[str, str],
    wait_first: Callable[[], None] = _nothing,
) -> int:
    from hmi.agent import obey_signals, run_agent
    from hmi.plant import build_plant

    stop = obey_signals()
    folder = _open_folder(config, args)
    try:
        clock = SystemClock()
        plant = build_plant(
            config,
            folder.path,
            clock,
            record=not args.dry_run,
            poll=not args.disable_plc,
            on_event=log_event,
            plant_folder=args.config_file.parent,
        )
        wait_first()
        return run_agent(plant, stop, args.minutes)
    finally:
        folder.release()


def _run_panel(
    config: PlantConfig,
    args: argparse.Namespace,
    env: Mapping[str, str],
    wait_first: Callable[[], None] = _nothing,
) -> int:
    """``env`` fills the plant file's references, also when the file is changed from the panel."""
    from hmi.discovery import PlantDiscovery
    from hmi.panel.app import run_panel
    from hmi.plant import build_plant
    from hmi.reload import PlantReload

    folder = _open_folder(config, args)
    try:
        plant = build_plant(
            config,
            folder.path,
            SystemClock(),
            record=not args.dry_run,
            poll=not args.disable_plc,
            on_event=log_event,
            plant_folder=args.config_file.parent,
        )

        reload = PlantReload(plant)

        def start() -> None:
            wait_first()
            plant.start()

        return run_panel(
            plant.engine,
            config,
            folder.path,
            start=start,
            stop=plant.stop,
            plant_file=args.config_file,
            minutes=args.minutes,
            discovery=PlantDiscovery(args.config_file, reload, env),
            follow_plant=reload.follow,
        )
    finally:
        folder.release()


def _open_folder(config: PlantConfig, args: argparse.Namespace) -> DataFolder:
    folder = DataFolder(args.data)
    folder.acquire()
    level = (args.log_level or config.monitoring.log_level).upper()
    set_up_logging(level, config.monitoring.log_format, folder.path / "logs")
    return folder


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="brimline", description="HMI/SCADA for bottling lines")
    parser.add_argument("--version", action="version", version=f"brimline {version('brimline')}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    sub = _add(commands, "check", check, "check a plant file and summarise it")
    sub.add_argument("file", type=Path, metavar="FILE")

    for name, command, text in (
        ("panel", panel, "run a plant with its panel"),
        ("agent", agent, "run a plant without a panel"),
    ):
        sub = _add(commands, name, command, text)
        sub.add_argument("--config-file", type=Path, required=True, metavar="F", help="the plant file")
        sub.add_argument(
            "--data", type=Path, required=True, metavar="DIR", help="folder for history and logs"
        )
        _add_run_options(sub)

    _add_demo(commands)
    add_tools(commands, words)
    _add_history(commands)
    _add_screenshots(commands)
    return parser


def _add_demo(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from sim.line_arguments import add_line_arguments

    sub = _add(commands, "demo", demo, "simulated line, controller, history and panel in one go")
    add_line_arguments(sub)
    sub.add_argument("--no-panel", action="store_true", help="run headless")
    sub.add_argument(
        "--logix-port",
        type=int,
        default=44818,
        metavar="P",
        help="EtherNet/IP port of the second line's ControlLogix (default: %(default)s)",
    )
    sub.add_argument(
        "--control-port-2",
        type=int,
        default=0,
        metavar="P",
        help="port for commands to the second line's simulator (default: none)",
    )
    sub.add_argument(
        "--mqtt-port", type=int, default=11883, metavar="P", help="the broker's port (default: %(default)s)"
    )
    sub.add_argument(
        "--nodes", type=int, default=6, metavar="N", help="remote Sparkplug nodes (default: %(default)s)"
    )
    sub.add_argument(
        "--fleet-port",
        type=int,
        default=0,
        metavar="P",
        help="port for commands to the nodes (default: none)",
    )
    sub.add_argument(
        "--data",
        type=Path,
        default=default_data_folder("demo"),
        metavar="DIR",
        help="folder for history and logs (default: %(default)s)",
    )
    _add_run_options(sub)


def _add_history(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    history = commands.add_parser("history", help="what was recorded").add_subparsers(
        metavar="WHAT", required=True
    )
    sub = _add(history, "export", history_export.run, "write recorded values as CSV or Parquet")
    history_export.add_arguments(sub)


def _add_screenshots(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    def screenshots(args: argparse.Namespace) -> int:
        from hmi.screenshots import run

        return run(args.out)

    sub = _add(commands, "screenshots", screenshots, "take a picture of every page in both themes")
    sub.add_argument("--out", type=Path, default=Path("docs/screenshots"), metavar="DIR")


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=float, metavar="N", help="stop by itself after N minutes")
    parser.add_argument(
        "--log-level",
        type=str.upper,
        choices=["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
        help="least severe log line (default: as the plant file says)",
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing to the database")
    parser.add_argument("--disable-plc", action="store_true", help="connect to no controller")


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: Command, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:])
    parser.set_defaults(command=command)
    return parser
