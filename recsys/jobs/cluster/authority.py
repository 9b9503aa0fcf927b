"""Certificates for a cluster of several machines, signed by an authority of their own.

Dask asks both sides of every connection for a certificate of the same authority, and for its
purpose: one for the client side alone, as the lab's server has it, cannot pose as a scheduler or as
a worker. The authority's key signs further certificates; no machine of the cluster needs it.
"""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from recsys.atomic import make_folder, temporary_file
from recsys.errors import DuetError

DAYS = 730  # until the certificates are no longer valid
AUTHORITY, SERVER, CLIENT = "authority", "server", "client"
CA, CERTIFICATE, KEY = "ca.pem", "cert.pem", "key.pem"


class CertificateError(DuetError):
    """Certificates that cannot be made or used; the message is one line for the user."""


class Certificates(NamedTuple):
    """The files of one side of a cluster.

    Attributes:
        ca: of the authority.
        certificate: signed by it.
        key: of the certificate.
    """

    ca: Path
    certificate: Path
    key: Path


def certificates_in(folder: Path) -> Certificates:
    """Return the certificates in a folder that `make_certificates` made.

    Raises:
        CertificateError: they are not there.
    """
    found = Certificates(folder / CA, folder / CERTIFICATE, folder / KEY)
    missing = [file.name for file in found if not file.is_file()]
    if missing:
        raise CertificateError(
            f"{folder}: there is no {' and no '.join(missing)}; name a folder `{SERVER}` or "
            f"`{CLIENT}` that `duet certificates` made"
        )
    return found


def make_certificates(folder: Path, hosts: Sequence[str] = ()) -> dict[str, Path]:
    """Make an authority, and certificates for both sides of a cluster.

    Args:
        folder: where the folders `authority`, `server` (for the scheduler and the workers) and
            `client` (for the lab's server) are made.
        hosts: names and addresses of the machines that the scheduler and the workers run on.

    Returns:
        Each folder by its name.

    Raises:
        CertificateError: there is one of these folders already.
        OSError: they cannot be written.
    """
    folders = {name: folder / name for name in (AUTHORITY, SERVER, CLIENT)}
    if there := [str(path) for path in folders.values() if path.exists()]:
        raise CertificateError(f"{there[0]} is there already; choose another folder")
    authority_key, authority = _authority()
    _write(folders[AUTHORITY], {CA: _pem(authority), KEY: _pem_of_key(authority_key)})
    for name, server in ((SERVER, True), (CLIENT, False)):
        key, certificate = _signed(
            f"Duet {name}", authority_key, authority, hosts if server else (), server=server
        )
        _write(
            folders[name],
            {CA: _pem(authority), CERTIFICATE: _pem(certificate), KEY: _pem_of_key(key)},
        )
    return folders


def _authority() -> tuple[Any, Any]:
    """Return the key and the certificate of a new authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    key = _new_key()
    usage = x509.KeyUsage(*(name == "key_cert_sign" for name in _USAGES))
    built = (
        _builder("Duet authority", key)
        .issuer_name(_name("Duet authority"))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return key, built.sign(key, hashes.SHA256())


# The arguments of x509.KeyUsage, in their order.
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _signed(
    name: str, authority_key: Any, authority: Any, hosts: Sequence[str], *, server: bool
) -> tuple[Any, Any]:
    """Return a key and its certificate, for both purposes or for that of a client alone."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = _new_key()
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH]
    if server:  # a scheduler and its workers also connect to each other
        purposes.append(ExtendedKeyUsageOID.SERVER_AUTH)
    usage = x509.KeyUsage(*(one == "digital_signature" for one in _USAGES))
    by_authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    built = (
        _builder(name, key)
        .issuer_name(authority.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(by_authority, critical=False)
    )
    if hosts:
        names = [_general_name(host) for host in dict.fromkeys((*hosts, "localhost", "127.0.0.1"))]
        built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return key, built.sign(authority_key, hashes.SHA256())


def _new_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _builder(name: str, key: Any) -> Any:
    from cryptography import x509

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks differ
        .not_valid_after(now + timedelta(days=DAYS))
    )


def _name(name: str) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(host: str) -> Any:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError:
        raise CertificateError(f"{host!r} is not the name or the address of a machine") from None


def _pem(certificate: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    pem: bytes = certificate.public_bytes(Encoding.PEM)
    return pem


def _pem_of_key(key: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    pem: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem


def _write(folder: Path, files: dict[str, bytes]) -> None:
    make_folder(folder)
    for name, content in files.items():
        with temporary_file(folder / name) as file:
            file.write_bytes(content)
