"""Makes a plant's own CA and the certificates of its broker and clients, with the openssl program.

    python make_certificates.py ca "Bottling hall"
    python make_certificates.py broker broker.plant 192.168.1.10
    python make_certificates.py client line1-edge

Everything goes into one folder (--folder, default ``certificates``); ``ca.key`` signs: keep it away
from the network. Elliptic keys (P-256); nothing that exists is overwritten without --renew.
"""

import argparse
import hashlib
import ipaddress
import os
import secrets
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_CA_DAYS = 3650
_DAYS = 825
_PLACES = (
    r"C:\Program Files\OpenSSL-Win64\bin\openssl.exe",
    r"C:\Program Files\Git\usr\bin\openssl.exe",
    r"C:\Program Files\Git\mingw64\bin\openssl.exe",
)
_CONFIGURATION = """[req]
distinguished_name = name
prompt = no
utf8 = yes
[name]
CN = {name}
[extensions]
{extensions}
"""
_CA = """basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash"""
_BROKER = """basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}"""
_CLIENT = """basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid"""


class CertificateError(Exception):
    """Nothing was made; the text says why."""


class Workshop:
    """A folder of certificates and the openssl that makes them."""

    def __init__(self, folder: Path, openssl: str | None = None, renew: bool = False) -> None:
        self.folder = folder
        self._openssl = openssl or _find_openssl()
        self._renew = renew

    def make_ca(self, name: str, days: int = _CA_DAYS) -> Path:
        """``ca.crt`` and ``ca.key``; never made anew over an old one: every certificate hangs on it."""
        certificate, key = self.folder / "ca.crt", self.folder / "ca.key"
        if certificate.exists() or key.exists():
            raise CertificateError(
                f"{certificate} exists already; a new CA would void all certificates made with it."
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self._make_key(key)
        with _Configuration(f"{name} CA", _CA) as configuration:
            self._run(
                "req", "-new", "-x509", "-key", key, "-out", certificate, "-days", days, "-sha256",
                "-config", configuration, "-extensions", "extensions",
            )  # fmt: skip
        return certificate

    def make_broker(self, names: Sequence[str], days: int = _DAYS) -> Path:
        """``broker.crt`` for these names and addresses, and ``broker.key``."""
        return self._issue(
            "broker", names[0], _BROKER.format(names=", ".join(map(_alternative, names))), days
        )

    def make_client(self, name: str, days: int = _DAYS) -> Path:
        """``NAME.crt`` and ``NAME.key``; the name is the user name at the broker."""
        if not name.replace("-", "").replace("_", "").isalnum() or name in ("ca", "broker"):
            raise CertificateError(
                f"{name} is no name for a client: letters, digits, - and _, and not ca or broker."
            )
        return self._issue(name, name, _CLIENT, days)

    def _issue(self, file: str, name: str, extensions: str, days: int) -> Path:
        ca, ca_key = self.folder / "ca.crt", self.folder / "ca.key"
        if not ca.exists() or not ca_key.exists():
            raise CertificateError(f"There is no CA in {self.folder}: make it first with the command ca.")
        certificate, key = self.folder / f"{file}.crt", self.folder / f"{file}.key"
        if certificate.exists() and not self._renew:
            raise CertificateError(f"{certificate} exists already; --renew makes it anew.")
        self._make_key(key)
        request = self.folder / f"{file}.csr"
        with _Configuration(name, extensions) as configuration:
            self._run("req", "-new", "-key", key, "-out", request, "-sha256", "-config", configuration)
            self._run(
                "x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-out", certificate,
                "-set_serial", f"0x{secrets.token_hex(16)}", "-days", days, "-sha256",
                "-extfile", configuration, "-extensions", "extensions",
            )  # fmt: skip
        request.unlink()
        return certificate

    def _make_key(self, key: Path) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as private:
            made = Path(private) / "key"
            self._run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", made)
            made.chmod(0o600)
            made.replace(key)

    def _run(self, *arguments: str | Path | int) -> None:
        command = [self._openssl, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CertificateError(f"openssl {arguments[0]} failed:\n{done.stderr.strip()}")


class _Configuration:
    """A configuration of openssl in a file for the time of a ``with``; the system's is not used."""

    def __init__(self, name: str, extensions: str) -> None:
        self._text = _CONFIGURATION.format(name=name.replace("\\", "\\\\"), extensions=extensions)

    def __enter__(self) -> Path:
        handle, name = tempfile.mkstemp(suffix=".cnf", text=True)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(self._text)
        self._path = Path(name)
        return self._path

    def __exit__(self, *_: object) -> None:
        self._path.unlink()


def fingerprint(certificate: Path) -> str:
    """SHA-256 of a certificate, as ``mqtt.pinned_sha256`` takes it."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text(encoding="ascii"))).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        workshop = Workshop(asked.folder, asked.openssl, asked.renew)
        if asked.what == "ca":
            made = workshop.make_ca(asked.name, asked.days or _CA_DAYS)
        elif asked.what == "broker":
            made = workshop.make_broker(asked.names, asked.days or _DAYS)
        else:
            made = workshop.make_client(asked.name, asked.days or _DAYS)
    except (CertificateError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{made}\nSHA-256 {fingerprint(made)}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Make a plant's CA and the certificates of broker and clients."
    )
    parser.add_argument("--folder", type=Path, default=Path("certificates"), help="where they are kept")
    parser.add_argument("--openssl", help="path of the openssl program, if it is not found by itself")
    parser.add_argument("--days", type=int, help=f"how long it is valid (CA {_CA_DAYS}, else {_DAYS})")
    parser.add_argument("--renew", action="store_true", help="make an existing certificate and its key anew")
    kinds = parser.add_subparsers(dest="what", required=True)
    kinds.add_parser("ca", help="the plant's CA, once").add_argument("name", help="of the plant")
    broker = kinds.add_parser("broker", help="the broker's certificate")
    broker.add_argument("names", nargs="+", help="host names and IP addresses by which clients reach it")
    kinds.add_parser("client", help="a client's certificate").add_argument("name", help="its user name")
    return parser


def _alternative(name: str) -> str:
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"


def _find_openssl() -> str:
    found = shutil.which("openssl") or next((place for place in _PLACES if Path(place).exists()), None)
    if found is None:
        raise CertificateError(
            "The program openssl was not found. Linux: install the package openssl. "
            "Windows: it comes with Git for Windows; or give its path with --openssl."
        )
    return found


if __name__ == "__main__":
    sys.exit(main())
