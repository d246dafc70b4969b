#!/usr/bin/env python3
"""Sets Brimline up on a fresh machine and runs it: ``python3 dev.py demo``, ``python3 dev.py test``.

Standard library only, so that the system's Python of Debian 12 or Windows can run it as it is.
"""

import argparse
import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = sys.platform == "win32"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
OLDEST_PYTHON = (3, 11)

# What Qt loads at run time, by soname, and the Debian package that brings it.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}


class SetupError(Exception):
    """The machine lacks something that this script may not or cannot install."""


def main(arguments: Sequence[str]) -> int:
    verbs = {
        "setup": (setup, "make the environment .venv, nothing else"),
        "demo": (demo, "two simulated lines, their controllers, history and the panel in one go"),
        "test": (test, "all checks: lint, types, contracts, tests"),
        "lint": (lint, "ruff, mypy and the import contracts alone"),
        "soak": (soak, "the long scenarios that are not part of the tests"),
        "bench": (bench, "measure, and print the tables of docs/performance.md"),
        "screenshots": (screenshots, "write every page in both themes into docs/screenshots"),
    }
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__.splitlines()[0])
    what = "; ".join(f"{verb}: {text}" for verb, (_, text) in verbs.items())
    parser.add_argument("verb", choices=verbs, help=what)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="handed on to what the verb runs")
    options = parser.parse_args(arguments)
    try:
        return verbs[options.verb][0](options.rest)
    except SetupError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 1


def setup(rest: Sequence[str]) -> int:
    prepare("dev" if "--dev" in rest else "run")
    print(f"Ready: {BIN / 'brimline'}")
    return 0


def demo(rest: Sequence[str]) -> int:
    prepare("run")
    if not WINDOWS and "--no-panel" not in rest and not has_display():
        raise SetupError(
            "there is no display for the panel (DISPLAY is not set). Run it in a desktop session, "
            "or without the panel: python3 dev.py demo --no-panel"
        )
    return run([PYTHON, "-m", "hmi", "demo", *rest])


def test(rest: Sequence[str]) -> int:
    prepare("dev")
    failed = [name for name, command in lint_steps() if step(name, command) != 0]
    if step("tests", [PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadgroup", *rest], offscreen()) != 0:
        failed.append("tests")
    if failed:
        print(f"dev.py: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def soak(rest: Sequence[str]) -> int:
    """One after the other: a soak beside another one would measure the other one."""
    prepare("dev")
    return run([PYTHON, "-m", "pytest", "-m", "slow", "--timeout", "1800", *rest], offscreen())


def lint(_rest: Sequence[str]) -> int:
    prepare("dev")
    return 1 if [name for name, command in lint_steps() if step(name, command) != 0] else 0


def bench(rest: Sequence[str]) -> int:
    prepare("dev")
    return run([PYTHON, "-m", "tests.bench", *rest], offscreen())


def screenshots(rest: Sequence[str]) -> int:
    prepare("run")
    return run([PYTHON, "-m", "hmi", "screenshots", *rest], offscreen())


def lint_steps() -> list[tuple[str, list[object]]]:
    return [
        ("ruff check", [PYTHON, "-m", "ruff", "check", "."]),
        ("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
        ("mypy", [PYTHON, "-m", "mypy"]),
        ("import contracts", [BIN / ("lint-imports.exe" if WINDOWS else "lint-imports"), "--no-cache"]),
    ]


def prepare(kind: str) -> None:
    """Make ``.venv`` hold what the lock file says; ``dev`` contains ``run``."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
    install_system_packages(kind)
    lock = ROOT / ("requirements-dev.lock" if kind == "dev" else "requirements.lock")
    if is_current(kind) or (kind == "run" and is_current("dev")):
        return
    if not runs(PYTHON):
        shutil.rmtree(VENV, ignore_errors=True)
        print("Making the environment .venv", flush=True)
        check([sys.executable, "-m", "venv", VENV])
    print(f"Installing the packages of {lock.name} (once; a few minutes on a slow line)", flush=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    check([*pip, "--require-hashes", "-r", lock])
    check([*pip, "--no-build-isolation", "--editable", ROOT])
    stamp(kind).write_text(fingerprint(kind), encoding="utf-8")


def install_system_packages(kind: str) -> None:
    """Install the Debian packages that are missing, or name them in one line to paste."""
    if WINDOWS and kind == "dev" and not has_mosquitto():
        raise SetupError(
            "the tests need the Mosquitto broker. Run: winget install EclipseFoundation.Mosquitto "
            "(its service need not run)"
        )
    packages = missing_packages(kind)
    if not packages:
        return
    apt = shutil.which("apt-get")
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if apt is None:
        raise SetupError(f"these are missing (names of Debian packages): {' '.join(packages)}")
    if os.geteuid() != 0:
        raise SetupError(f"some system packages are missing. Run: sudo apt-get update && sudo {command}")
    print(f"Installing {' '.join(packages)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    check([apt, "update", "-q"], quiet)
    check([apt, *command.split()[1:]], quiet)


def missing_packages(kind: str) -> list[str]:
    if WINDOWS:
        return []
    missing = [package for soname, package in QT_LIBRARIES.items() if not loads(soname)]
    if importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    if kind == "dev":
        missing += [] if has_mosquitto() else ["mosquitto"]
        missing += [] if shutil.which("openssl") else ["openssl"]
    return missing


def has_mosquitto() -> bool:
    """The tests run brokers of their own; the one that a system may have as a service is left alone."""
    places = [Path("/usr/sbin/mosquitto"), Path("C:/Program Files/mosquitto/mosquitto.exe")]
    return shutil.which("mosquitto") is not None or any(place.exists() for place in places)


def loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def has_display() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def offscreen() -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}


def stamp(kind: str) -> Path:
    return VENV / f".brimline-{kind}"


def fingerprint(kind: str) -> str:
    lock = ROOT / ("requirements-dev.lock" if kind == "dev" else "requirements.lock")
    content = lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes() + str(ROOT).encode()
    return hashlib.sha256(content).hexdigest()


def is_current(kind: str) -> bool:
    path = stamp(kind)
    return path.exists() and path.read_text(encoding="utf-8") == fingerprint(kind) and runs(PYTHON)


def runs(python: Path) -> bool:
    """False for an environment whose interpreter has gone, as after an upgrade of the system's."""
    if not python.exists():
        return False
    probe = [str(python), "-c", "import pip"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


def step(name: str, command: Sequence[object], environment: dict[str, str] | None = None) -> int:
    print(f"== {name}", flush=True)
    return run(command, environment)


def run(command: Sequence[object], environment: dict[str, str] | None = None) -> int:
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The child got the same signal and is closing in good order: wait for it.
            continue


def check(command: Sequence[object], environment: dict[str, str] | None = None) -> None:
    if run(command, environment) != 0:
        raise SetupError(f"this failed: {' '.join(str(part) for part in command)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
