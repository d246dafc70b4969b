"""Starting the benches' other processes and getting their results back."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

_END_S = 60


class ChildError(RuntimeError):
    """A process of a bench failed; the text holds the end of what it wrote."""


def run_child(module: str, arguments: dict[str, Any], timeout_s: float, **environment: str) -> Any:
    """Run ``python -m module ARGUMENTS_AS_JSON`` to its end; what it gave to ``give_result``."""
    with tempfile.TemporaryDirectory(prefix="bench-child-") as name:
        result, log = Path(name) / "result.json", Path(name) / "log.txt"
        command = [sys.executable, "-m", module, json.dumps(arguments), str(result)]
        try:
            with log.open("w", encoding="utf-8") as output:
                done = subprocess.run(
                    command,
                    check=False,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=timeout_s,
                    env=child_environment(**environment),
                )
        except subprocess.TimeoutExpired as error:
            raise ChildError(f"{module} did not end within {timeout_s:.0f} s: {_tail(log)}") from error
        if done.returncode or not result.exists():
            raise ChildError(f"{module} ended with {done.returncode}: {_tail(log)}")
        return json.loads(result.read_text(encoding="utf-8"))


def child_arguments() -> Any:
    """In the child: what ``run_child`` or ``simulator`` was given."""
    return json.loads(sys.argv[1])


def give_result(result: Any) -> None:
    """In the child: hand the result to ``run_child``."""
    Path(sys.argv[2]).write_text(json.dumps(result), encoding="utf-8")


class Simulator:
    """A simulator in a process of its own: it says one line of JSON when it is ready."""

    def __init__(self, process: "subprocess.Popen[str]", answers: IO[str], ready: Any) -> None:
        self.ready = ready
        self.process = process
        self._answers = answers

    def last_words(self) -> Any:
        """Ask it to end; what it says then."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        line = self._answers.readline()
        self.process.wait(_END_S)
        return json.loads(line) if line else None


@contextmanager
def simulator(module: str, arguments: dict[str, Any]) -> Iterator[Simulator]:
    """A module that serves until its standard input ends; killed if it does not end then."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, json.dumps(arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    answers = process.stdout
    if answers is None:
        raise ChildError(f"{module} has no output")
    try:
        line = answers.readline()
        if not line:
            raise ChildError(f"{module} ended with {process.wait(_END_S)}")
        yield Simulator(process, answers, json.loads(line))
    finally:
        if process.stdin is not None and not process.stdin.closed:
            process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_END_S)
        answers.close()


def child_environment(**more: str) -> dict[str, str]:
    """Ours, without a window on somebody's desktop unless a platform was chosen."""
    return {"QT_QPA_PLATFORM": "offscreen", **os.environ, **more}


def _tail(log: Path) -> str:
    return " / ".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-4:])
