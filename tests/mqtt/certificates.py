"""Certificates for tests: the plant's own script makes the good ones, ``cryptography`` the bad ones."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from resources.broker.make_certificates import Workshop

BrokerFiles = tuple[Path, Path, Path]


class Certificates:
    """A plant CA with a broker's and clients' certificates, another CA, and certificates out of time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        plant = Workshop(folder / "plant")
        self.ca = plant.make_ca("Test hall")
        self.broker = plant.make_broker(["localhost", "127.0.0.1"])
        self.client = plant.make_client("line1-edge")
        other = Workshop(folder / "other")
        self.other_ca = other.make_ca("Elsewhere")
        self.stranger = other.make_client("stranger")

    @property
    def files(self) -> BrokerFiles:
        """CA, certificate and key of the broker."""
        return self.ca, self.broker, self.broker.with_suffix(".key")

    def named(self, *names: str) -> BrokerFiles:
        """For other names than those it is reached by."""
        return self._bad("named", list(names), timedelta(days=-1), timedelta(days=1))

    def expired(self) -> BrokerFiles:
        return self._bad("expired", ["localhost"], timedelta(days=-20), timedelta(days=-10))

    def not_yet_valid(self) -> BrokerFiles:
        return self._bad("early", ["localhost"], timedelta(days=10), timedelta(days=20))

    def _bad(self, file: str, names: list[str], start: timedelta, end: timedelta) -> BrokerFiles:
        ca = x509.load_pem_x509_certificate(self.ca.read_bytes())
        ca_key = serialization.load_pem_private_key(self.ca.with_suffix(".key").read_bytes(), None)
        assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]))
            .issuer_name(ca.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + start)
            .not_valid_after(now + end)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), False)
            .sign(ca_key, hashes.SHA256())
        )
        certificate, key_file = self._folder / f"{file}.crt", self._folder / f"{file}.key"
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return self.ca, certificate, key_file
