"""What is read of a certificate that is not trusted, and the script that makes a plant's own."""

import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from drivers.mqtt.certificate import fingerprint, parse_certificate
from resources.broker import make_certificates
from tests.mqtt.certificates import Certificates


def der_of(path: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(path.read_text())


def test_names_dates_and_issuer_are_read(certificates: Certificates) -> None:
    der = der_of(certificates.broker)
    known = x509.load_der_x509_certificate(der)
    read = parse_certificate(der)
    assert read.subject == "localhost"
    assert read.issuer == "Test hall CA"
    assert read.names == ("localhost", "127.0.0.1")
    assert (read.not_before, read.not_after) == (known.not_valid_before_utc, known.not_valid_after_utc)


def test_a_ca_has_no_names(certificates: Certificates) -> None:
    read = parse_certificate(der_of(certificates.ca))
    assert (read.subject, read.issuer, read.names) == ("Test hall CA", "Test hall CA", ())


@given(st.data())
def test_a_damaged_certificate_is_an_error_or_still_one(
    certificates: Certificates, data: st.DataObject
) -> None:
    der = bytearray(der_of(certificates.broker))
    at = data.draw(st.integers(0, len(der) - 1))
    der[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(der)))
    for damaged in (bytes(der), bytes(der[:cut])):
        try:
            assert parse_certificate(damaged).not_after.tzinfo is UTC
        except ValueError:
            continue


def test_the_fingerprint_is_sha_256(certificates: Certificates) -> None:
    der = der_of(certificates.broker)
    assert fingerprint(der) == make_certificates.fingerprint(certificates.broker)
    assert len(fingerprint(der)) == 64


def run(folder: Path, *arguments: str) -> int:
    return make_certificates.main(["--folder", str(folder), *arguments])


def test_the_script_makes_what_a_plant_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "made"
    assert run(folder, "ca", "Hall 1") == 0
    assert run(folder, "broker", "broker.plant", "192.168.1.10") == 0
    assert run(folder, "--days", "30", "client", "line1-edge") == 0
    said = capsys.readouterr().out
    assert make_certificates.fingerprint(folder / "broker.crt") in said
    client = parse_certificate(der_of(folder / "line1-edge.crt"))
    assert client.subject == "line1-edge"
    assert client.not_after - datetime.now(UTC) < timedelta(days=31)
    assert parse_certificate(der_of(folder / "broker.crt")).names == ("broker.plant", "192.168.1.10")
    assert sorted(path.name for path in folder.iterdir()) == [
        "broker.crt", "broker.key", "ca.crt", "ca.key", "line1-edge.crt", "line1-edge.key",
    ]  # fmt: skip
    if sys.platform != "win32":
        assert all(path.stat().st_mode & 0o77 == 0 for path in folder.glob("*.key"))


def test_the_script_overwrites_nothing_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "ca", "Hall 1")
    run(tmp_path, "client", "line1-edge")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert run(tmp_path, "ca", "Hall 1") == 1
    assert run(tmp_path, "client", "line1-edge") == 1
    assert "exists already" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert run(tmp_path, "--renew", "client", "line1-edge") == 0
    assert (tmp_path / "line1-edge.crt").read_bytes() != before[tmp_path / "line1-edge.crt"]


def test_the_script_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "client", "x") == 1
    assert "make it first with the command ca" in capsys.readouterr().err
    assert run(tmp_path, "--openssl", str(tmp_path / "none"), "ca", "Hall") == 1
    assert "none" in capsys.readouterr().err
    run(tmp_path, "ca", "Hall 1")
    assert run(tmp_path, "client", "../x") == 1
    assert "is no name for a client" in capsys.readouterr().err


def test_without_openssl_the_way_to_get_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(tmp_path, "ca", "Hall 1") == 1
    assert "The program openssl was not found" in capsys.readouterr().err
