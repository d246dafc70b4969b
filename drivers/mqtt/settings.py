"""From the keys of ``mqtt`` in the plant file to the brokers of a link."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from drivers.mqtt.base import BrokerSettings, TlsSettings
from engine.config.messaging import Mqtt
from engine.errors import EngineError

_LARGEST_PORT = 65_535
_HOST_AND_PORT = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>\d+))?")


class BrokerSettingsError(EngineError):
    """Keys of ``mqtt`` that cannot be used; the text names the key."""


def broker_settings(
    mqtt: Mqtt, base: Path, *, host: str | None = None, port: int | None = None
) -> list[BrokerSettings]:
    """The main broker and then the fallback brokers; certificate paths are relative to ``base``.

    A ``host`` or ``port`` from elsewhere (a connection, the command line) replaces the main broker's
    and leaves the fallback brokers out. BrokerSettingsError where a file is missing.
    """
    main = BrokerSettings(
        host=host or mqtt.broker_host,
        port=port or mqtt.broker_port,
        transport=mqtt.transport,
        websocket_path=mqtt.websocket_path,
        protocol=mqtt.protocol,
        tls=_tls(mqtt, base) if mqtt.use_tls else None,
        username=mqtt.username,
        password=None if mqtt.password is None else mqtt.password.get_secret_value(),
        keep_alive_s=mqtt.keep_alive,
        queue_limit=mqtt.max_queue_size,
    )
    if host is not None or port is not None:
        return [main]
    return [main, *_fallbacks(mqtt.fallback_brokers, main)]


def _tls(mqtt: Mqtt, base: Path) -> TlsSettings:
    return TlsSettings(
        ca_cert_path=_file("ca_cert_path", mqtt.ca_cert_path, base),
        client_cert_path=_file("client_cert_path", mqtt.client_cert_path, base),
        client_key_path=_file("client_key_path", mqtt.client_key_path, base),
        pinned_sha256=mqtt.pinned_sha256,
    )


def _file(key: str, name: str | None, base: Path) -> str | None:
    if name is None:
        return None
    path = base / Path(name).expanduser()
    try:
        with path.open("rb"):
            return str(path)
    except FileNotFoundError:
        raise BrokerSettingsError(f"mqtt.{key}: the file {path} does not exist.") from None
    except OSError as error:
        raise BrokerSettingsError(f"mqtt.{key}: the file {path} cannot be read: {error.strerror}.") from error


def _fallbacks(texts: Sequence[str], main: BrokerSettings) -> list[BrokerSettings]:
    found = []
    for number, text in enumerate(texts):
        match = _HOST_AND_PORT.fullmatch(text.strip())
        port = int(match["port"] or main.port) if match else 0
        if match is None or not 0 < port <= _LARGEST_PORT:
            raise BrokerSettingsError(
                f"mqtt.fallback_brokers[{number}]: {text} is not HOST or HOST:PORT (IPv6: [ADDRESS]:PORT)."
            )
        found.append(replace(main, host=match["six"] or match["host"], port=port))
    return found
