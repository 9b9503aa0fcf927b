"""Connecting to a Dask scheduler, if its address is safe to use."""

import importlib
import ipaddress
import logging
import os
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from recsys.jobs.cluster.authority import CertificateError, certificates_in

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
CERTIFICATES = "RECSYS_CERTIFICATES"  # the folder of the lab's own certificate
# The certificate and the key of a Dask Gateway's cluster, under the names that the Gateway uses.
GATEWAY_CERTIFICATE, GATEWAY_KEY = "dask.crt", "dask.pem"


class ClusterError(ConnectionError):
    """There is no cluster to train on. The message is one line for the user."""


class UnreachableError(ClusterError):
    """No scheduler answers. One may later: jobs wait for it."""


class WorkerStartError(ClusterError):
    """Workers die while they start; another attempt would not help."""


def check_address(address: str) -> Any:
    """Return the `distributed.Security` to use with the scheduler at `address`.

    A scheduler runs any code it is sent, so one on another machine must require certificates.

    Raises:
        ClusterError: it is neither `tcp://` on this machine, nor `tls://` or `gateway://` with
            certificates.
    """
    from distributed import Security

    parts = _split(address)
    folder = os.environ.get(CERTIFICATES)
    if parts.scheme == "tcp":
        if not _is_loopback(str(parts.hostname)):
            raise ClusterError(
                f"RECSYS_SCHEDULER: {address} is refused: without TLS anyone on the network could "
                "run code on both sides; use tls:// for another machine"
            )
        return Security(require_encryption=False)
    if parts.scheme == "gateway":
        _learn_gateway_addresses(address)
        return _gateway_security(address, folder)
    if folder:
        return _security_in(Path(folder))
    security: Any = Security(require_encryption=True)
    if not (security.tls_ca_file and security.tls_client_cert):
        raise ClusterError(
            f"RECSYS_SCHEDULER: {address} needs certificates; set {CERTIFICATES} to the folder "
            "`client` that `duet certificates` made, or distributed.comm.tls.ca-file, "
            "distributed.comm.tls.client.cert and .key in Dask's configuration"
        )
    return security


def _split(address: str) -> SplitResult:
    """Return the parts of a scheduler's address; raise a ClusterError if it is none."""
    parts = SplitResult("", "", "", "", "")
    try:
        parts = urlsplit(address)
        usable = parts.hostname is not None and parts.port is not None
    except ValueError:
        usable = False
    if parts.scheme == "gateway":  # its proxy finds the cluster by the name
        usable = usable and len(parts.path) > 1
    if not usable or parts.scheme not in ("tcp", "tls", "gateway"):
        raise ClusterError(
            f"RECSYS_SCHEDULER: {address!r} is not the address of a Dask scheduler; "
            "write tls://HOST:PORT, tcp://127.0.0.1:PORT or gateway://HOST:PORT/CLUSTER"
        )
    return parts


def _learn_gateway_addresses(address: str) -> None:
    """Make Dask understand `gateway://` addresses: importing this module is enough."""
    try:
        importlib.import_module("dask_gateway.comm")
    except ModuleNotFoundError:
        raise ClusterError(
            f"RECSYS_SCHEDULER: {address} needs the package dask-gateway; install it beside Duet "
            "with: pip install dask-gateway"
        ) from None


def _gateway_security(address: str, folder: str | None) -> Any:
    """Return the `distributed.Security` for a Gateway's cluster.

    All sides of such a cluster share one certificate, which is its own authority.
    """
    from distributed import Security

    certificate, key = (Path(folder or "") / name for name in (GATEWAY_CERTIFICATE, GATEWAY_KEY))
    if not (folder and certificate.is_file() and key.is_file()):
        raise ClusterError(
            f"RECSYS_SCHEDULER: {address} needs the certificate of that cluster; set "
            f"{CERTIFICATES} to a folder with its {GATEWAY_CERTIFICATE} and {GATEWAY_KEY}, see "
            "docs/cluster.md"
        )
    return Security(
        require_encryption=True,
        tls_ca_file=str(certificate),
        tls_client_cert=str(certificate),
        tls_client_key=str(key),
    )


def _security_in(folder: Path) -> Any:
    """Return the `distributed.Security` with the certificates in a folder."""
    from distributed import Security

    try:
        ca, certificate, key = certificates_in(folder)
    except CertificateError as error:
        raise ClusterError(f"{CERTIFICATES}: {error}") from None
    return Security(
        require_encryption=True,
        tls_ca_file=str(ca),
        tls_client_cert=str(certificate),
        tls_client_key=str(key),
    )


def connect(address: str, security: Any) -> Any:
    """Return a `distributed.Client` of the scheduler at `address`.

    Args:
        address: of a scheduler.
        security: the `distributed.Security` to use with it.

    Raises:
        UnreachableError: no scheduler answers there.
    """
    from distributed import Client
    from distributed.comm.core import FatalCommClosedError

    # It would log a traceback when the scheduler is lost; the dispatcher says that in one line.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        return Client(
            address,
            security=security,
            timeout=CONNECT_SECONDS,
            set_as_default=False,
            name="duet",
        )
    except FatalCommClosedError as error:
        raise UnreachableError(
            f"{address} and this server do not accept each other's certificates ({error}); "
            "see docs/cluster.md"
        ) from None
    except (OSError, ValueError, RuntimeError) as error:  # a TimeoutError is an OSError
        logger.info("no connection to %s", address, exc_info=True)
        reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
        raise UnreachableError(
            f"no Dask scheduler answers at {address}{reason}; start it, or correct "
            "RECSYS_SCHEDULER (without it, trainings run on this machine)"
        ) from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
