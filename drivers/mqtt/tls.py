"""Encryption: whom we trust, who we are, and what is wrong when we do not get along."""

import ssl
from datetime import UTC, datetime
from socket import socket

from drivers.mqtt.base import BrokerSettings, TlsSettings
from drivers.mqtt.certificate import Certificate, fingerprint, parse_certificate
from drivers.mqtt.errors import LinkError, from_os_error
from drivers.mqtt.waiting import Opener

_EXPIRED, _NOT_YET_VALID = 10, 9
_NAME_MISMATCHES = (62, 64)
_NOT_ISSUED_BY_THE_CA = (18, 19, 20, 21)

_ALERTS = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "wants a certificate of ours and got none: set "
    "mqtt.client_cert_path and mqtt.client_key_path",
    "TLSV1_ALERT_UNKNOWN_CA": "does not trust our certificate: it was not issued by the CA the broker knows",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "does not accept our certificate: it has expired",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "does not accept our certificate: it was revoked",
    "SSLV3_ALERT_BAD_CERTIFICATE": "does not accept our certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "does not accept our certificate",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": "does not accept our certificate: it is not made for clients",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "refuses the encryption: it may want a certificate of ours, "
    "or has no cipher in common with us",
    "TLSV1_ALERT_PROTOCOL_VERSION": "speaks only versions of TLS that are too old to be safe",
    "TLSV1_ALERT_ACCESS_DENIED": "does not let us in with our certificate",
    "UNSUPPORTED_PROTOCOL": "speaks only versions of TLS that are too old to be safe",
    "WRONG_VERSION_NUMBER": "does not speak TLS on this port: set mqtt.use_tls to false, or use its TLS port",
}


def secure(sock: socket, broker: BrokerSettings, tls: TlsSettings, opener: Opener) -> ssl.SSLSocket:
    """TLS over a connected socket, before the first byte of MQTT. LinkError with a sentence."""
    context = make_context(tls)
    secured = context.wrap_socket(sock, server_hostname=broker.host, do_handshake_on_connect=False)
    try:
        shake_hands(secured, opener)
        if tls.pinned_sha256 is not None:
            _compare(secured, broker, tls.pinned_sha256)
    except BaseException as error:
        secured.close()
        if isinstance(error, OSError):
            raise from_tls_error(error, broker) from error
        raise
    return secured


def make_context(tls: TlsSettings) -> ssl.SSLContext:
    """TLS 1.2 or newer. A pinned certificate needs no CA: without one, only the fingerprint decides."""
    try:
        context = ssl.create_default_context(cafile=tls.ca_cert_path)
    except OSError as error:
        raise LinkError(f"The file {tls.ca_cert_path} (mqtt.ca_cert_path) has no certificates.") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.pinned_sha256 is not None and tls.ca_cert_path is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.client_cert_path is not None:
        _load_own(context, tls.client_cert_path, tls.client_key_path)
    return context


def shake_hands(secured: ssl.SSLSocket, opener: Opener) -> None:
    """OSError, ssl.SSLError among them."""
    while True:
        try:
            secured.do_handshake()
        except ssl.SSLWantReadError:
            opener.wait_readable(secured)
        except ssl.SSLWantWriteError:
            opener.wait_writable(secured)
        else:
            return


def from_tls_error(error: OSError, broker: BrokerSettings, shown: bytes | None = None) -> LinkError:
    """What went wrong; ``shown`` is the certificate (DER) that was not trusted, if it is known."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return UntrustedError(_untrusted(error, broker, _parse(shown)), error)
    if isinstance(error, ssl.SSLEOFError | ConnectionError):
        return LinkError(
            f"The port {broker.address} closed the connection when it was asked for TLS: it may not "
            "be encrypted (set mqtt.use_tls to false, or use the TLS port), or our certificate is refused."
        )
    if isinstance(error, ssl.SSLError):
        said = _ALERTS.get(error.reason or "")
        if said is not None:
            return LinkError(f"The broker {broker.address} {said}.")
        return LinkError(f"No encrypted connection to the broker {broker.address}: {error.reason or error}.")
    return from_os_error(error, broker.address)


class UntrustedError(LinkError):
    """The certificate of the broker was not trusted."""

    def __init__(self, sentence: str, error: ssl.SSLCertVerificationError) -> None:
        super().__init__(sentence)
        self.error = error


def look_at_certificate(sock: socket, broker: BrokerSettings, opener: Opener) -> bytes | None:
    """The certificate (DER) the broker shows, trusted or not; for the explanation only, nothing is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with context.wrap_socket(sock, server_hostname=broker.host, do_handshake_on_connect=False) as secured:
            shake_hands(secured, opener)
            return secured.getpeercert(binary_form=True)
    except OSError:
        return None


def _load_own(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    def refuse_password() -> str:
        raise LinkError(f"The key {key} (mqtt.client_key_path) is encrypted: give one without a pass phrase.")

    try:
        context.load_cert_chain(certificate, key, password=refuse_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise LinkError(f"The key {key} does not belong to the certificate {certificate}.") from error
        raise LinkError(f"{certificate} or {key} is not a certificate or key in PEM form.") from error
    except OSError as error:
        raise LinkError(f"{certificate} or {key} cannot be read: {error.strerror}.") from error


def _compare(secured: ssl.SSLSocket, broker: BrokerSettings, pinned: str) -> None:
    came = fingerprint(secured.getpeercert(binary_form=True) or b"")
    if came != pinned.replace(":", "").lower():
        raise LinkError(
            f"The certificate of the broker {broker.address} is not the pinned one; its SHA-256 fingerprint "
            f"is {came}. If the broker has a new certificate, check that with those who run it and set "
            "mqtt.pinned_sha256."
        )


def _parse(shown: bytes | None) -> Certificate | None:
    try:
        return parse_certificate(shown) if shown else None
    except ValueError:
        return None


def _untrusted(
    error: ssl.SSLCertVerificationError, broker: BrokerSettings, certificate: Certificate | None
) -> str:
    whose = f"The certificate of the broker {broker.address}"
    code = error.verify_code
    if code == _EXPIRED:
        return f"{whose} expired{_date(' on', certificate and certificate.not_after)}: it has to be renewed."
    if code == _NOT_YET_VALID:
        since = _date(" before", certificate and certificate.not_before)
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        return f"{whose} is not valid{since}; this machine's date is {today}: check the clocks."
    if code in _NAME_MISMATCHES:
        names = f"it is for {', '.join(certificate.names) or 'no name'}" if certificate else "check its names"
        return (
            f"{whose} is not for the name {broker.host}: {names}. Use one of its names as mqtt.broker_host."
        )
    if code in _NOT_ISSUED_BY_THE_CA:
        issuer = certificate.issuer if certificate and certificate.issuer else "a CA"
        return f"{whose} was issued by {issuer}, which is not trusted: set mqtt.ca_cert_path to its CA."
    return f"{whose} is not trusted: {error.verify_message}."


def _date(word: str, moment: datetime | None) -> str:
    return f"{word} {moment:%Y-%m-%d %H:%M} UTC" if moment else ""
