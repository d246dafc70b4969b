"""Encrypted links: who is trusted, and the sentence for each reason why not."""

from collections.abc import Iterator

import pytest

from drivers.mqtt.base import BrokerSettings, Outgoing, TlsSettings
from engine.nodes import BrokerState
from resources.broker.make_certificates import fingerprint as fingerprint_of_file
from tests.mqtt.certificates import BrokerFiles, Certificates
from tests.mqtt.mosquitto import Mosquitto
from tests.mqtt.proxy import NetworkProxy
from tests.mqtt.recording import linked
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def tls_broker(certificates: Certificates) -> Iterator[Mosquitto]:
    with Mosquitto(tls=certificates.files, websocket=True) as running:
        yield running


@pytest.fixture(scope="module")
def mutual_broker(certificates: Certificates) -> Iterator[Mosquitto]:
    """Takes only clients with a certificate of the plant's CA."""
    with Mosquitto(tls=certificates.files, client_certificates=True) as running:
        yield running


def over_tls(port: int, host: str = "localhost", **keys: object) -> BrokerSettings:
    return BrokerSettings(host, port, tls=TlsSettings(**keys))  # type: ignore[arg-type]


def cause_of(settings: BrokerSettings, expected_logs) -> str:
    """Why no session can be opened."""
    expected_logs.add("test: ")
    with linked(settings, wait=False) as (link, seen):
        wait_until(lambda: seen.causes, "a cause")
        assert not seen.connected
        assert link.status().cause == seen.causes[0]
        return seen.causes[0]


def refused_by(files: BrokerFiles, certificates: Certificates, expected_logs) -> str:
    with Mosquitto(tls=files) as broker:
        return cause_of(over_tls(broker.port, ca_cert_path=str(certificates.ca)), expected_logs)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_a_broker_of_the_plants_ca_is_trusted_by_name_and_by_address(
    tls_broker: Mosquitto, certificates: Certificates, host: str, protocol: str
) -> None:
    tls = TlsSettings(ca_cert_path=str(certificates.ca))
    settings = BrokerSettings(host, tls_broker.port, tls=tls, protocol=protocol)
    with linked(settings, filters=[("tls/#", 1)]) as (link, seen):
        assert link.publish(Outgoing("tls/big", b"x" * 700_000, 1)) is not None
        for number in range(500):
            assert link.publish(Outgoing("tls/n", str(number).encode(), 1)) is not None
        wait_until(lambda: len(seen.messages) == 501, "all messages")
        assert len(seen.messages[0].payload) == 700_000
        assert link.status().encrypted


def test_an_unknown_ca_is_named(tls_broker: Mosquitto, certificates: Certificates, expected_logs) -> None:
    cause = cause_of(over_tls(tls_broker.port, ca_cert_path=str(certificates.other_ca)), expected_logs)
    assert "was issued by Test hall CA, which is not trusted: set mqtt.ca_cert_path" in cause


def test_the_systems_cas_do_not_trust_the_plants(tls_broker: Mosquitto, expected_logs) -> None:
    assert "which is not trusted" in cause_of(over_tls(tls_broker.port), expected_logs)


def test_the_names_of_a_certificate_for_another_host_are_told(
    certificates: Certificates, expected_logs
) -> None:
    cause = refused_by(certificates.named("broker.plant", "mqtt.plant"), certificates, expected_logs)
    assert "is not for the name localhost: it is for broker.plant, mqtt.plant." in cause


def test_the_day_a_certificate_expired_is_told(certificates: Certificates, expected_logs) -> None:
    cause = refused_by(certificates.expired(), certificates, expected_logs)
    assert "expired on 20" in cause
    assert "it has to be renewed" in cause


def test_a_certificate_that_is_not_valid_yet_points_to_the_clocks(
    certificates: Certificates, expected_logs
) -> None:
    cause = refused_by(certificates.not_yet_valid(), certificates, expected_logs)
    assert "is not valid before 20" in cause
    assert "check the clocks" in cause


def test_a_pinned_certificate_needs_no_ca(tls_broker: Mosquitto, certificates: Certificates) -> None:
    pinned = fingerprint_of_file(certificates.broker)
    with linked(over_tls(tls_broker.port, pinned_sha256=pinned)) as (link, _):
        assert link.status().state is BrokerState.CONNECTED


def test_another_certificate_than_the_pinned_one_gets_no_byte_of_mqtt(
    tls_broker: Mosquitto, certificates: Certificates, expected_logs
) -> None:
    received = len(tls_broker.log())
    cause = cause_of(over_tls(tls_broker.port, pinned_sha256="ab" * 32), expected_logs)
    assert (
        f"is not the pinned one; its SHA-256 fingerprint is {fingerprint_of_file(certificates.broker)}"
        in cause
    )
    assert "New client connected" not in tls_broker.log()[received:]


def test_a_client_with_a_certificate_of_the_plant_is_let_in(
    mutual_broker: Mosquitto, certificates: Certificates
) -> None:
    settings = over_tls(
        mutual_broker.port,
        ca_cert_path=str(certificates.ca),
        client_cert_path=str(certificates.client),
        client_key_path=str(certificates.client.with_suffix(".key")),
    )
    with linked(settings) as (link, _):
        assert link.status().state is BrokerState.CONNECTED


def test_a_missing_client_certificate_is_asked_for(
    mutual_broker: Mosquitto, certificates: Certificates, expected_logs
) -> None:
    cause = cause_of(over_tls(mutual_broker.port, ca_cert_path=str(certificates.ca)), expected_logs)
    assert "wants a certificate of ours and got none: set mqtt.client_cert_path" in cause


def test_a_client_certificate_of_another_ca_is_not_trusted(
    mutual_broker: Mosquitto, certificates: Certificates, expected_logs
) -> None:
    settings = over_tls(
        mutual_broker.port,
        ca_cert_path=str(certificates.ca),
        client_cert_path=str(certificates.stranger),
        client_key_path=str(certificates.stranger.with_suffix(".key")),
    )
    assert "does not trust our certificate" in cause_of(settings, expected_logs)


def test_a_key_that_does_not_belong_to_the_certificate_is_named(
    mutual_broker: Mosquitto, certificates: Certificates, expected_logs
) -> None:
    settings = over_tls(
        mutual_broker.port,
        ca_cert_path=str(certificates.ca),
        client_cert_path=str(certificates.client),
        client_key_path=str(certificates.stranger.with_suffix(".key")),
    )
    assert "does not belong to the certificate" in cause_of(settings, expected_logs)


def test_a_ca_file_without_certificates_is_named(tls_broker: Mosquitto, tmp_path, expected_logs) -> None:
    empty = tmp_path / "empty.crt"
    empty.write_text("nothing\n")
    cause = cause_of(over_tls(tls_broker.port, ca_cert_path=str(empty)), expected_logs)
    assert cause == f"The file {empty} (mqtt.ca_cert_path) has no certificates."


def test_tls_to_a_plain_port_is_told(broker: Mosquitto, certificates: Certificates, expected_logs) -> None:
    cause = cause_of(over_tls(broker.port, ca_cert_path=str(certificates.ca)), expected_logs)
    assert "set mqtt.use_tls to false" in cause


def test_plain_bytes_to_a_tls_port_are_told(tls_broker: Mosquitto, expected_logs) -> None:
    cause = cause_of(BrokerSettings("localhost", tls_broker.port), expected_logs)
    assert "mqtt.use_tls" in cause


def test_the_password_travels_only_encrypted(tls_broker: Mosquitto, certificates: Certificates) -> None:
    passed = bytearray()
    with NetworkProxy(tls_broker.port, packets=False, on_bytes=lambda *item: passed.extend(item[2])) as net:
        tls = TlsSettings(ca_cert_path=str(certificates.ca))
        settings = BrokerSettings("localhost", net.port, tls=tls, username="line1", password="very secret")
        with linked(settings):
            pass
    assert passed
    assert b"very secret" not in passed


def test_mqtt_over_an_encrypted_websocket(tls_broker: Mosquitto, certificates: Certificates) -> None:
    tls = TlsSettings(ca_cert_path=str(certificates.ca))
    port = tls_broker.websocket_port
    assert port is not None
    settings = BrokerSettings("localhost", port, transport="websockets", tls=tls)
    with linked(settings, filters=[("wss/#", 1)]) as (link, seen):
        link.publish(Outgoing("wss/1", b"x" * 3_000, 1))
        wait_until(lambda: seen.messages, "the message")
