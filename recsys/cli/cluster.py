"""The commands of a cluster of several machines: its certificates, its scheduler, its workers."""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from recsys.errors import DuetError
from recsys.jobs.cluster.authority import CLIENT, SERVER, certificates_in, make_certificates

PORT = 8786  # Dask's own
AGAIN_SECONDS = 2.0  # between two starts of a worker


def certificates_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `certificates`."""
    sub.add_argument("folder", type=Path, metavar="DIR", help="where they are made")
    sub.add_argument(
        "--host", action="append", default=[], metavar="NAME", help="a machine of the cluster"
    )


def certificates(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Make the certificates of a cluster; return what to print as JSON, and as text."""
    made = make_certificates(options.folder, options.host)
    server, client = made[SERVER], made[CLIENT]
    host = options.host[0] if options.host else "HOST"
    duet = options.prog.rpartition(" ")[0]  # as it was called
    lines = (
        f"Made in {options.folder}. Keep `authority` apart: its key signs further certificates.",
        f"The scheduler:  {duet} scheduler --certificates {server}",
        f"Each worker:    {duet} worker --scheduler tls://{host}:{PORT} --certificates {server}",
        f"The lab:        RECSYS_SCHEDULER=tls://{host}:{PORT} RECSYS_CERTIFICATES={client} "
        "streamlit run app.py",
    )
    return {name: str(folder) for name, folder in made.items()}, "\n".join(lines)


def scheduler_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `scheduler`."""
    _certificates_argument(sub)
    sub.add_argument("--host", metavar="ADDRESS", help="of this machine (all of its addresses)")
    sub.add_argument("--port", type=int, default=PORT, help=f"({PORT})")


def scheduler(options: argparse.Namespace) -> NoReturn:
    """Become a Dask scheduler that asks for certificates."""
    if not 0 <= options.port < 1 << 16:
        raise DuetError(f"--port {options.port}: must be 0 to 65535")
    host = [f"--host={options.host}"] if options.host else []
    _become("scheduler", options.certificates, [*host, f"--port={options.port}", "--protocol=tls"])


def worker_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `worker`."""
    sub.add_argument("--scheduler", required=True, metavar="tls://HOST:PORT", help="where it is")
    _certificates_argument(sub)
    sub.add_argument("--name", help="what the pages call it (the machine's name)")
    sub.add_argument("--memory", default="auto", metavar="8GB", help="at most (what there is)")


def worker(options: argparse.Namespace) -> int:
    """Run a Dask worker, which trains one run at a time; return its exit code if it fails."""
    try:
        parts = urlsplit(options.scheduler)
        usable = parts.scheme == "tls" and parts.hostname is not None and parts.port is not None
    except ValueError:
        usable = False
    if not usable:
        raise DuetError(f"--scheduler {options.scheduler}: write tls://HOST:PORT")
    name = [f"--name={options.name}"] if options.name else []
    arguments = [options.scheduler, *name, "--nthreads=1", f"--memory-limit={options.memory}"]
    command, environment = _dask("worker", options.certificates, arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Dask's worker ends with its scheduler: it is started again, and waits for the next one.
    while (code := _run(command, environment)) == 0:
        print(f"The scheduler at {options.scheduler} is gone: waiting for it.", file=sys.stderr)
        time.sleep(AGAIN_SECONDS)
    return code


def _certificates_argument(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--certificates",
        type=Path,
        required=True,
        metavar="DIR",
        help=f"the folder `{SERVER}` that `certificates` made",
    )


def _become(role: str, folder: Path, arguments: list[str]) -> NoReturn:
    """Replace this process by Dask's own command."""
    command, environment = _dask(role, folder, arguments)
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run a command to its end, or end it with this process; return its exit code."""
    with subprocess.Popen(command, env=environment) as process:
        try:
            return process.wait()
        finally:
            process.terminate()


def _dask(role: str, folder: Path, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return Dask's own command and its environment."""
    ca, certificate, key = certificates_in(folder)
    tls = (f"--tls-ca-file={ca}", f"--tls-cert={certificate}", f"--tls-key={key}")
    # Its pages of figures are not encrypted, with or without a dashboard.
    own = ("--no-dashboard", "--dashboard-address=127.0.0.1:0")
    command = [sys.executable, "-m", "dask", role, *arguments, *tls, *own]
    # From a checkout too, Dask's processes have to find this package.
    here = str(Path(__file__).resolve().parents[2])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    return command, environment
