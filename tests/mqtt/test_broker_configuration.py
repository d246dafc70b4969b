"""The broker configurations as they are delivered, in a real Mosquitto."""

import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from drivers.mqtt.base import BrokerSettings, Outgoing, TlsSettings
from tests.mqtt.certificates import Certificates
from tests.mqtt.mosquitto import Mosquitto, find
from tests.mqtt.recording import at, linked
from tests.waiting import wait_until

DELIVERED = Path(__file__).parents[2] / "resources" / "broker"
USERS = ("edge-line1", "host", "viewer", "line-bottlefiller")


class Delivered(Mosquitto):
    """A configuration of ``resources/broker``; only paths, ports and the bridge's address are replaced."""

    def __init__(self, file: str, replaced: Sequence[tuple[str, str]] = (), more: Sequence[str] = ()) -> None:
        super().__init__(websocket=file == "development.conf")
        self._file = file
        self._replaced = replaced
        self._more = more

    def _configuration(self) -> list[str]:
        text = "\n".join(
            [(DELIVERED / name).read_text(encoding="utf-8") for name in (self._file, *self._more)]
        )
        known = [
            ("listener 1883 ", f"listener {self.port} "),
            ("listener 9001 ", f"listener {self.websocket_port} "),
            ("listener 8883", f"listener {self.port} 127.0.0.1"),
            ("/etc/mosquitto/brimline", str(self.folder)),
            ("/var/lib/mosquitto", str(self.folder)),
        ]
        for old, new in [*self._replaced, *known]:
            text = text.replace(old, new)
        return ["user root", *text.splitlines()]


def furnished(broker: Delivered, certificates: Certificates) -> Delivered:
    """Everything that the README puts into the broker's folder."""
    ca, certificate, key = certificates.files
    for source, name in ((ca, "ca.crt"), (certificate, "broker.crt"), (key, "broker.key")):
        shutil.copy(source, broker.folder / name)
    shutil.copy(DELIVERED / "acl", broker.folder / "acl")
    passwords = broker.folder / "passwords"
    passwords.touch()
    for user in USERS:
        command = [find("mosquitto_passwd"), "-b", str(passwords), user, f"{user}'s word"]
        subprocess.run(command, check=True, capture_output=True)
    return broker


@pytest.fixture(scope="module")
def production(certificates: Certificates) -> Iterator[Mosquitto]:
    with furnished(Delivered("production.conf"), certificates) as broker:
        yield broker


@pytest.fixture
def account(production: Mosquitto, certificates: Certificates):
    def make(user: str, word: str | None = None) -> BrokerSettings:
        tls = TlsSettings(ca_cert_path=str(certificates.ca))
        return BrokerSettings(
            "localhost", production.port, tls=tls, username=user, password=word or f"{user}'s word"
        )

    return make


def test_the_development_broker_serves_both_ports_on_loopback_only() -> None:
    with Delivered("development.conf") as broker:
        with linked(at(broker.port), filters=[("a", 1)]) as (link, seen):
            link.publish(Outgoing("a", b"1", 1))
            wait_until(lambda: seen.messages, "the message")
        with linked(at(broker.websocket_port or 0, transport="websockets")) as (_, seen):
            assert seen.connected
        own = [each for addresses in psutil.net_if_addrs().values() for each in addresses]
        outside = {each.address for each in own if each.family is socket.AF_INET}
        for address in {address for address in outside if not address.startswith("127.")}:
            for port in (broker.port, broker.websocket_port):
                with pytest.raises(OSError, match="refused"):
                    socket.create_connection((address, port or 0), timeout=2).close()


def test_nobody_comes_in_without_a_password_or_unencrypted(
    production: Mosquitto, certificates: Certificates, account, expected_logs
) -> None:
    expected_logs.add("test: ")
    tls = TlsSettings(ca_cert_path=str(certificates.ca))
    for settings, sentence in (
        (BrokerSettings("localhost", production.port, tls=tls), "without a user name"),
        (account("host", "guessed"), "does not let the user host in"),
        (BrokerSettings("localhost", production.port, username="host"), "mqtt.use_tls"),
    ):
        with linked(settings, wait=False) as (_, seen):
            wait_until(lambda s=seen: s.causes, "the cause")
            assert sentence in seen.causes[0]


ALLOWED = {
    "edge-line1": [
        *(f"spBv1.0/Bottling/{verb}/Line1" for verb in ("NBIRTH", "NDATA", "NDEATH")),
        *(f"spBv1.0/Bottling/{verb}/Line1/filler" for verb in ("DBIRTH", "DDATA", "DDEATH")),
    ],
    "host": [
        "spBv1.0/Bottling/NCMD/Line1",
        "spBv1.0/Bottling/DCMD/Line1/filler",
        "spBv1.0/STATE/brimline",
        "STATE/brimline",
        "plc/bottlefiller/command",
    ],
    "viewer": [],
    "line-bottlefiller": ["plc/bottlefiller/data", "plc/bottlefiller/command/result"],
}
FORBIDDEN = {
    "edge-line1": [
        "spBv1.0/Bottling/NBIRTH/Line2",
        "spBv1.0/Other/NBIRTH/Line1",
        "spBv1.0/Bottling/NCMD/Line1",
        "spBv1.0/STATE/brimline",
        "plc/bottlefiller/data",
    ],
    "host": ["spBv1.0/Bottling/NBIRTH/Line1", "spBv1.0/STATE/other", "plc/bottlefiller/data"],
    "viewer": ["spBv1.0/Bottling/NCMD/Line1", "spBv1.0/STATE/brimline", "plc/bottlefiller/command", "a"],
    "line-bottlefiller": ["plc/other/data", "spBv1.0/Bottling/NBIRTH/Line1"],
}


@pytest.mark.parametrize("user", USERS)
def test_each_role_writes_what_it_must_and_nothing_else(user: str, account) -> None:
    with (
        linked(account("viewer"), filters=[("spBv1.0/#", 1), ("STATE/#", 1), ("plc/#", 1)]) as (
            viewer,
            witness,
        ),
        linked(account(user)) as (link, seen),
    ):
        topics = FORBIDDEN[user] + ALLOWED[user]
        tokens = [link.publish(Outgoing(topic, user.encode(), 1)) for topic in topics]
        wait_until(lambda: len(seen.sent) == len(tokens), "all confirmations")
        probe = viewer.probe()
        wait_until(lambda: probe in witness.sent, "all that was on its way")
        assert sorted(message.topic for message in witness.messages) == sorted(ALLOWED[user])


def test_each_role_reads_what_it_must_and_nothing_else(account) -> None:
    commands = ["spBv1.0/Bottling/NCMD/Line1", "spBv1.0/Bottling/NCMD/Line2", "plc/bottlefiller/command"]
    with (
        linked(account("edge-line1"), filters=[("#", 1)]) as (_, edge),
        linked(account("line-bottlefiller"), filters=[("#", 1)]) as (_, line),
        linked(account("host")) as (link, _),
    ):
        for topic in [*commands, "spBv1.0/STATE/brimline"]:
            link.publish(Outgoing(topic, b"", 1))
        wait_until(lambda: len(edge.messages) == 2 and line.messages, "what is allowed")
        assert [message.topic for message in edge.messages] == [commands[0], "spBv1.0/STATE/brimline"]
        assert [message.topic for message in line.messages] == [commands[2]]


def test_retained_states_outlive_a_restart(production: Mosquitto, account, expected_logs) -> None:
    expected_logs.add("test: ")
    with linked(account("host")) as (link, seen):
        link.publish(Outgoing("spBv1.0/STATE/brimline", b"{}", 1, True))
        wait_until(lambda: seen.sent, "the confirmation")
    production.restart()
    with linked(account("viewer"), filters=[("spBv1.0/STATE/+", 1)]) as (_, witness):
        wait_until(lambda: witness.messages, "the retained state")
        assert witness.messages[0].retain
    with linked(account("host")) as (link, seen):
        link.publish(Outgoing("spBv1.0/STATE/brimline", b"", 1, True))
        wait_until(lambda: seen.sent, "it is forgotten")


def test_with_mutual_tls_the_certificate_is_the_user(certificates: Certificates) -> None:
    asks = [
        ("require_certificate false", "require_certificate true"),
        ("use_identity_as_username false", "use_identity_as_username true"),
    ]
    broker = furnished(Delivered("production.conf", asks), certificates)
    acl = (broker.folder / "acl").read_text().replace("user edge-line1", "user line1-edge")
    (broker.folder / "acl").write_text(acl)
    tls = TlsSettings(
        str(certificates.ca), str(certificates.client), str(certificates.client.with_suffix(".key"))
    )
    with broker, linked(BrokerSettings("localhost", broker.port, tls=tls)) as (link, seen):
        link.publish(Outgoing("spBv1.0/Bottling/NBIRTH/Line1", b"", 1))
        wait_until(lambda: seen.sent, "the confirmation")


def test_the_bridge_lets_data_out_and_no_command_in(certificates: Certificates) -> None:
    with Mosquitto() as it:
        it_address = ("broker.it.example:8883", f"127.0.0.1:{it.port}")
        unencrypted = ("bridge_cafile /etc/mosquitto/brimline/it-ca.crt", "")
        plant = furnished(
            Delivered("production.conf", [it_address, unencrypted], ["bridge.conf"]), certificates
        )
        tls = TlsSettings(ca_cert_path=str(certificates.ca))

        def user(name: str) -> BrokerSettings:
            return BrokerSettings("localhost", plant.port, tls=tls, username=name, password=f"{name}'s word")

        with (
            plant,
            linked(at(it.port), filters=[("#", 1)]) as (outside, seen),
            linked(user("edge-line1"), filters=[("#", 1)]) as (edge, inside),
        ):
            wait_until(lambda: "plant-bottling" in it.log(), "the bridge")

            def arrived() -> bool:
                edge.publish(Outgoing("spBv1.0/Bottling/NBIRTH/Line1", b"born", 1))
                return any(message.payload == b"born" for message in seen.messages)

            wait_until(arrived, "a birth in the IT network")
            outside.publish(Outgoing("spBv1.0/Bottling/NCMD/Line1", b"stop", 1))
            outside.publish(Outgoing("spBv1.0/STATE/it-host", b"{}", 1))
            wait_until(lambda: inside.messages, "the state of the host in IT")
            assert {message.topic for message in inside.messages} == {"spBv1.0/STATE/it-host"}
