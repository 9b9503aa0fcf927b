"""The certificate of an embedded cluster: only its own processes have it.

A Dask scheduler runs any code that it is sent. On 127.0.0.1 that could be sent by any process of
this machine, also by those of other users; with TLS it takes the key, which is never on a disk.
"""

import json
from typing import Any


def make_certificate() -> str:
    """Return a new key with its certificate, as one line for `security_of`."""
    from distributed import Security

    made = Security.temporary()
    return json.dumps({"key": made.tls_client_key, "certificate": made.tls_client_cert})


def security_of(line: str) -> Any:
    """Return the `distributed.Security` of those who have a certificate."""
    from distributed import Security

    pem = json.loads(line)
    roles = ("client", "scheduler", "worker")
    return Security(
        require_encryption=True,
        tls_ca_file=pem["certificate"],
        **{f"tls_{role}_cert": pem["certificate"] for role in roles},
        **{f"tls_{role}_key": pem["key"] for role in roles},
    )
