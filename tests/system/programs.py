"""Starting the real program as a process of its own, and talking to it from outside."""

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BRIMLINE = [sys.executable, "-m", "hmi"]
_END_S = 30


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [*BRIMLINE, *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


class Program:
    """A running ``brimline``; its output goes to a file so that no pipe can fill up."""

    def __init__(self, output: Path, *arguments: object) -> None:
        self.output = output
        with output.open("w", encoding="utf-8") as file:
            self.process = subprocess.Popen(
                [*BRIMLINE, *map(str, arguments)],
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            )

    def text(self) -> str:
        return self.output.read_text(encoding="utf-8")

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def terminate(self) -> int:
        """Ask politely; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_END_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(_END_S)


@contextmanager
def program(output: Path, *arguments: object) -> Iterator[Program]:
    """Started on entry, killed on exit if it still runs."""
    running = Program(output, *arguments)
    try:
        yield running
    finally:
        if running.alive:
            running.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def control(port: int, command: str) -> dict:
    """One command to the simulator's control port."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(command.encode() + b"\n")
        with link.makefile() as answers:
            return json.loads(answers.readline())


def history(data: Path, *tags: str) -> list[dict[str, str]]:
    """The rows that ``brimline history export`` gives; none while there is no such tag yet."""
    done = run("history", "export", "--data", data, "--tag", *tags)
    return list(csv.DictReader(io.StringIO(done.stdout))) if done.returncode == 0 else []
