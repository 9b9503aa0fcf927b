"""Connecting to a Dask scheduler, if its address is safe to use."""

import ipaddress
import logging
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from recsys.jobs.cluster.authority import CertificateError, certificates_in

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
CERTIFICATES = "RECSYS_CERTIFICATES"  # the folder of the lab's own certificate


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
        ClusterError: it is neither `tcp://` on this machine nor `tls://` with certificates.
    """
    from distributed import Security

    security: Any
    parts = urlsplit(address)
    try:
        usable = parts.hostname is not None and parts.port is not None
    except ValueError:
        usable = False
    if not usable or parts.scheme not in ("tcp", "tls"):
        raise ClusterError(
            f"RECSYS_SCHEDULER: {address!r} is not the address of a Dask scheduler; "
            "write tls://HOST:PORT, or tcp://127.0.0.1:PORT"
        )
    if parts.scheme == "tcp":
        if not _is_loopback(str(parts.hostname)):
            raise ClusterError(
                f"RECSYS_SCHEDULER: {address} is refused: without TLS anyone on the network could "
                "run code on both sides; use tls:// for another machine"
            )
        return Security(require_encryption=False)
    if folder := os.environ.get(CERTIFICATES):
        return _security_in(Path(folder))
    security = Security(require_encryption=True)
    if not (security.tls_ca_file and security.tls_client_cert):
        raise ClusterError(
            f"RECSYS_SCHEDULER: {address} needs certificates; set {CERTIFICATES} to the folder "
            "`client` that `duet certificates` made, or distributed.comm.tls.ca-file, "
            "distributed.comm.tls.client.cert and .key in Dask's configuration"
        )
    return security


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
