"""An authority, and the certificates of hosts that it signs: elliptic curve P-256, in PEM.

Ansible loads this module by itself: it knows nothing of Riverline.

    python ops/riverline_stack/servers/certificates.py FOLDER ADDRESS[,NAME...]...
"""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_FILE, KEY_FILE, HOST_FILE = "tls-authority.pem", "tls-authority.key", "tls-host.pem"
OF_AUTHORITY, OF_HOST, RENEWED = timedelta(days=3650), timedelta(days=397), timedelta(days=30)
CLOCKS = timedelta(hours=1)  # by which clocks of hosts may differ
_Key = ec.EllipticCurvePrivateKey


def new_authority() -> tuple[str, str]:
    """The certificate and the key of an authority, in PEM."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _named("Riverline's servers")
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    draft = _draft(name, name, key, OF_AUTHORITY)
    draft = draft.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = draft.add_extension(usage, critical=True).sign(key, hashes.SHA256())
    return _pem(made), _key_pem(key)


def issued(authority: str, signs: str, names: Sequence[str]) -> str:
    """A key and a certificate for a host of these names and addresses, signed with the authority's key `signs`."""
    key, issuer = ec.generate_private_key(ec.SECP256R1()), _certificate(authority)
    signer = serialization.load_pem_private_key(signs.encode(), None)
    if not isinstance(signer, _Key):
        raise ValueError("the authority's key is not of an elliptic curve")
    uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    made = (
        _draft(_named("a host of Riverline"), issuer.subject, key, OF_HOST)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(uses, critical=False)
        .add_extension(identifier, critical=False)
        .sign(signer, hashes.SHA256())
    )
    return _key_pem(key) + _pem(made)


def lack(certificate: str, authority: str, names: Sequence[str]) -> str:
    """Why a host's certificate does not do for those who trust the authority; empty when it does."""
    host = _certificate(certificate)
    try:
        host.verify_directly_issued_by(_certificate(authority))
    except (InvalidSignature, ValueError, TypeError):
        return "is of another authority"
    known = host.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if missing := {*map(_general, names)} - {*known}:
        return f"lacks the names {', '.join(sorted(str(each.value) for each in missing))}"
    return ""


def lasts(certificate: str, left: timedelta = RENEWED) -> bool:
    """Whether it is valid for so long from now on."""
    return _certificate(certificate).not_valid_after_utc - datetime.now(UTC) > left


def write_for_hosts(folder: Path, hosts: Sequence[str]) -> None:
    """The authority, where it is not there yet, and what each of `address,name,...` needs, in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / KEY_FILE).exists():
        authority, key = new_authority()
        _write(folder / AUTHORITY_FILE, authority)
        _write(folder / KEY_FILE, key)
    authority, key = (folder / AUTHORITY_FILE).read_text(), (folder / KEY_FILE).read_text()
    for names in (host.split(",") for host in hosts):
        own = folder / names[0]
        own.mkdir(exist_ok=True, mode=0o700)
        _write(own / HOST_FILE, issued(authority, key, ["localhost", "127.0.0.1", *names]))
        _write(own / AUTHORITY_FILE, authority)


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def _certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def _draft(subject: x509.Name, issuer: x509.Name, key: _Key, length: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    draft = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    dated = draft.not_valid_before(now - CLOCKS).not_valid_after(now + length)
    return dated.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(name: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: _Key) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} FOLDER ADDRESS[,NAME...]...")
    write_for_hosts(Path(sys.argv[1]), sys.argv[2:])
