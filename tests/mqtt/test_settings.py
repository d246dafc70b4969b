"""From the plant file to the brokers of a link."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from drivers.mqtt.base import BrokerSettings, TlsSettings
from drivers.mqtt.settings import BrokerSettingsError, broker_settings
from engine.config.messaging import Mqtt


def test_the_defaults_are_a_plain_broker_on_this_machine() -> None:
    assert broker_settings(Mqtt(), Path()) == [BrokerSettings("localhost")]


def test_every_key_reaches_the_link(tmp_path: Path) -> None:
    for name in ("ca.crt", "me.crt", "me.key"):
        (tmp_path / name).write_text("x")
    mqtt = Mqtt(
        broker_host="broker.plant",
        broker_port=9001,
        transport="websockets",
        protocol="5",
        websocket_path="/ws",
        fallback_brokers=("second.plant", "third.plant:9443", "[fe80::1]:1", "[::1]"),
        use_tls=True,
        ca_cert_path="ca.crt",
        client_cert_path="me.crt",
        client_key_path=str(tmp_path / "me.key"),
        pinned_sha256="AB:" * 31 + "AB",
        username="line1",
        password=SecretStr("word"),
        keep_alive=20,
        max_queue_size=7,
    )
    brokers = broker_settings(mqtt, tmp_path)
    assert brokers[0] == BrokerSettings(
        host="broker.plant",
        port=9001,
        transport="websockets",
        websocket_path="/ws",
        protocol="5",
        tls=TlsSettings(
            str(tmp_path / "ca.crt"), str(tmp_path / "me.crt"), str(tmp_path / "me.key"), "ab" * 32
        ),
        username="line1",
        password="word",
        keep_alive_s=20,
        queue_limit=7,
    )
    assert [broker.address for broker in brokers[1:]] == [
        "second.plant:9001", "third.plant:9443", "fe80::1:1", "::1:9001",
    ]  # fmt: skip
    assert all(broker.tls == brokers[0].tls for broker in brokers)


def test_a_missing_file_is_named_with_its_key(tmp_path: Path) -> None:
    mqtt = Mqtt(use_tls=True, ca_cert_path="certificates/ca.crt")
    with pytest.raises(BrokerSettingsError) as caught:
        broker_settings(mqtt, tmp_path)
    assert str(caught.value) == (
        f"mqtt.ca_cert_path: the file {tmp_path / 'certificates/ca.crt'} does not exist."
    )


def test_a_folder_instead_of_a_file_is_named_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(BrokerSettingsError, match=r"mqtt\.ca_cert_path: the file .* cannot be read"):
        broker_settings(Mqtt(use_tls=True, ca_cert_path="."), tmp_path)


@pytest.mark.parametrize("text", ["a:b", "host:0", "host:70000", "::1", "", "a:1:2"])
def test_a_fallback_broker_that_is_none_is_named(text: str) -> None:
    mqtt = Mqtt(fallback_brokers=("good", "x")).model_copy(update={"fallback_brokers": ("good", text)})
    with pytest.raises(BrokerSettingsError, match=r"mqtt\.fallback_brokers\[1\]"):
        broker_settings(mqtt, Path())


def test_another_host_or_port_stands_alone() -> None:
    mqtt = Mqtt(broker_host="broker.plant", fallback_brokers=("second.plant",), username="line1")
    assert broker_settings(mqtt, Path(), host="other") == [BrokerSettings("other", username="line1")]
    assert broker_settings(mqtt, Path(), port=1884) == [
        BrokerSettings("broker.plant", port=1884, username="line1")
    ]
