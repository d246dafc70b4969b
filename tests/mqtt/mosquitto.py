"""A real Mosquitto on a free loopback port, for tests and benches."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_ATTEMPTS = 3


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def find(program: str) -> str:
    """Path of ``mosquitto`` or one of its tools, which may live in /usr/sbin."""
    found = shutil.which(
        program, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    )
    if found is None:
        raise RuntimeError(f"{program} is not installed: install the package mosquitto")
    return found


class PortTakenError(RuntimeError):
    """Somebody else took the port between its choice and the start."""


class Mosquitto:
    """Started by ``with`` or ``start``; keeps its port, folder and persistent data over ``restart``.

    ``tls``: (CA, certificate, key) PEM files of the broker; ``client_certificates``: it asks for one.
    ``users``: name to password; without them anybody may come. ``acl``: lines of an access list.
    ``options``: further lines of the configuration.
    """

    def __init__(
        self,
        *,
        websocket: bool = False,
        tls: tuple[Path, Path, Path] | None = None,
        client_certificates: bool = False,
        users: Mapping[str, str] | None = None,
        acl: Sequence[str] = (),
        persistence: bool = False,
        message_size_limit: int | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self._websocket = websocket
        self.port = 0
        self.websocket_port: int | None = None
        self._choose_ports()
        self._launched = False
        self._tls = tls
        self._client_certificates = client_certificates
        self._users = users or {}
        self._acl = acl
        self._persistence = persistence
        self._message_size_limit = message_size_limit
        self._options = options
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="mosquitto-"))
        return self._folder

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._folder = None

    def start(self) -> None:
        """Returns when the broker takes connections."""
        if self.running:
            return
        for attempt in range(_ATTEMPTS):
            try:
                self._launch()
            except PortTakenError:
                if self._launched or attempt == _ATTEMPTS - 1:
                    raise
                self._choose_ports()
            else:
                self._launched = True
                return

    def _choose_ports(self) -> None:
        self.port = free_port()
        self.websocket_port = free_port() if self._websocket else None

    def _launch(self) -> None:
        configuration = self.folder / "mosquitto.conf"
        configuration.write_text("\n".join(self._configuration()) + "\n", encoding="utf-8")
        log_before = len(self.log())
        with (self.folder / "mosquitto.log").open("ab") as output:
            self._process = subprocess.Popen(
                [find("mosquitto"), "-c", str(configuration)], stdout=output, stderr=output
            )
        self._wait_until_it_runs(log_before)

    def stop(self) -> None:
        """An orderly end: persistent data is written, clients are told."""
        self._end(subprocess.Popen.terminate)

    def kill(self) -> None:
        """Gone at once, as after a power failure."""
        self._end(subprocess.Popen.kill)

    def restart(self) -> None:
        self.stop()
        self.start()

    def freeze(self, on: bool) -> None:
        """The process keeps its connections and does nothing, or goes on."""
        if self._process is not None and sys.platform != "win32":
            self._process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    def log(self) -> str:
        """What the broker has written so far."""
        file = self.folder / "mosquitto.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def _end(self, how: Callable[[subprocess.Popen[bytes]], None]) -> None:
        self.freeze(False)
        process, self._process = self._process, None
        if process is None:
            return
        how(process)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    def _configuration(self) -> list[str]:
        lines = [
            "per_listener_settings false",
            "user root",
            "log_type all",
            "allow_zero_length_clientid true",
            "max_queued_messages 0",
            f"persistence {'true' if self._persistence else 'false'}",
            f"persistence_location {self.folder}{os.sep}",
            f"allow_anonymous {'false' if self._users else 'true'}",
            *self._access(),
        ]
        if self._message_size_limit is not None:
            lines.append(f"message_size_limit {self._message_size_limit}")
        lines += [*self._options, f"listener {self.port} 127.0.0.1", *self._encryption()]
        if self.websocket_port is not None:
            lines += [
                f"listener {self.websocket_port} 127.0.0.1",
                "socket_domain ipv4",
                "protocol websockets",
                *self._encryption(),
            ]
        return lines

    def _access(self) -> list[str]:
        lines = []
        if self._users:
            passwords = self.folder / "passwords"
            passwords.write_text(
                "".join(f"{name}:{word}\n" for name, word in self._users.items()), encoding="utf-8"
            )
            subprocess.run([find("mosquitto_passwd"), "-U", str(passwords)], check=True, capture_output=True)
            lines.append(f"password_file {passwords}")
        if self._acl:
            acl = self.folder / "acl"
            acl.write_text("\n".join(self._acl) + "\n", encoding="utf-8")
            lines.append(f"acl_file {acl}")
        return lines

    def _encryption(self) -> list[str]:
        if self._tls is None:
            return []
        ca, certificate, key = self._tls
        return [
            f"cafile {ca}",
            f"certfile {certificate}",
            f"keyfile {key}",
            f"require_certificate {'true' if self._client_certificates else 'false'}",
        ]

    def _wait_until_it_runs(self, log_before: int) -> None:
        """It says so when its ports are open; that somebody answers there would prove little."""
        deadline = time.monotonic() + 15
        while " running" not in (said := self.log()[log_before:]):
            if not self.running or time.monotonic() > deadline:
                self.kill()
                fault = PortTakenError if "Address already in use" in said else RuntimeError
                raise fault(f"mosquitto did not start:\n{said}")
            time.sleep(0.01)
