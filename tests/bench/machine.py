"""What the numbers were taken on."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import psutil
import PySide6

from tests.bench.children import child_environment


def describe_machine() -> list[str]:
    """One fact per line."""
    memory = psutil.virtual_memory().total / 2**30
    platform_name = child_environment()["QT_QPA_PLATFORM"]
    return [
        f"Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"Processor: {_processor()}, {os.cpu_count()} cores; {memory:.1f} GiB memory",
        f"System: {_system()}, kernel {platform.release()}",
        f"Python {platform.python_version()}, Qt {PySide6.__version__} (platform: {platform_name})",
        f"Load before the run: {_load()}",
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform(terse=True)


def _load() -> str:
    return f"{psutil.getloadavg()[0]:.2f} (one minute)"
