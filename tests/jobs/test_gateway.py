"""A Dask Gateway's cluster: addresses, certificates, and a training through the Gateway's proxy."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType

import pytest
import requests
from stub_training import config

from recsys.jobs.board import JobState
from recsys.jobs.cluster.address import CERTIFICATES, ClusterError, check_address
from recsys.jobs.queue import JobQueue
from recsys.runs.store import RunStore
from tests.jobs.test_two_machines import HOST, free_port
from tests.jobs.tiny_lab import STUB, TESTS, finish, submit, wait_until

DOCUMENT = TESTS.parent / "docs/cluster.md"
ADDRESS = "gateway://gateway.example.org:443/0a1b2c"
DOCUMENTED = {"address": "127.0.0.1:8000", "gateway": "https://gateway.example.org"}


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the environment names, with files of the names that a Gateway uses."""
    for name in ("dask.crt", "dask.pem"):
        (tmp_path / name).write_text("stand-in")
    monkeypatch.setenv(CERTIFICATES, str(tmp_path))
    return tmp_path


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the package dask-gateway, which need not be installed."""
    for name in ("dask_gateway", "dask_gateway.comm"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))


def test_the_clusters_certificate_is_its_own_authority(certificates, package) -> None:
    security = check_address(ADDRESS)
    assert security.require_encryption
    assert security.tls_ca_file == security.tls_client_cert == str(certificates / "dask.crt")
    assert security.tls_client_key == str(certificates / "dask.pem")


@pytest.mark.parametrize("missing", ["dask.crt", "dask.pem"])
def test_a_missing_certificate_is_named(certificates, package, missing) -> None:
    (certificates / missing).unlink()
    with pytest.raises(ClusterError, match=r"dask\.crt and dask\.pem"):
        check_address(ADDRESS)


@pytest.mark.parametrize("address", ["gateway://a:1", "gateway://a:1/", "gateway://a/b"])
def test_an_address_without_port_or_cluster_is_refused(address) -> None:
    with pytest.raises(ClusterError, match="gateway://HOST:PORT/CLUSTER"):
        check_address(address)


def test_a_missing_package_is_named_with_its_command(certificates, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "dask_gateway", None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, "dask_gateway.comm", raising=False)
    with pytest.raises(ClusterError, match="pip install dask-gateway") as raised:
        check_address(ADDRESS)
    assert len(str(raised.value).splitlines()) == 1


def test_runs_are_trained_on_the_documented_cluster(home, tmp_path, monkeypatch) -> None:
    pytest.importorskip("dask_gateway_server")
    with gateway(tmp_path) as url:
        for name, value in start_cluster(tmp_path, url).items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        with closing(JobQueue(RunStore(tmp_path / "runs"), train=STUB)) as queue:
            job = finish(queue, submit(queue, config()))
            assert (job.state, job.error) == (JobState.FINISHED, None)
            long = submit(queue, config(epochs=1000, seed=1))
            wait_until(lambda: queue.job(long).records)
            queue.stop(long)
            assert finish(queue, long).state is JobState.STOPPED


@contextmanager
def gateway(folder: Path) -> Iterator[str]:
    """Run a Gateway with the configuration of the document; give its address for clients."""
    port = free_port()
    address = f"{HOST}:{port}"
    file = folder / "gateway_config.py"
    lines = documented("c.DaskGateway").replace(DOCUMENTED["address"], address)
    home = {"RECSYS_HOME": os.environ["RECSYS_HOME"]}  # the stand-in training looks there
    file.write_text(f"{lines}c.ClusterConfig.environment = {home}\n")
    scripts = Path(sys.executable).parent
    environment = os.environ | {
        "PATH": os.pathsep.join([str(scripts), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)]),
    }
    process = subprocess.Popen(
        [scripts / "dask-gateway-server", "--config", file],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: is_healthy(f"http://{address}"))
        yield f"http://{address}"
    finally:
        process.send_signal(signal.SIGTERM)  # it ends its clusters first
        process.wait(60)


def is_healthy(url: str) -> bool:
    """Return whether the Gateway serves clients: its proxy listens before it knows the way."""
    try:
        return requests.get(f"{url}/api/health", timeout=5).ok
    except requests.RequestException:
        return False


def start_cluster(folder: Path, url: str) -> dict[str, str]:
    """Run the script of the document; return the environment that it prints."""
    file = folder / "start_cluster.py"
    file.write_text(documented("import os").replace(DOCUMENTED["gateway"], url))
    done = subprocess.run(
        [sys.executable, file], cwd=folder, check=True, capture_output=True, text=True, timeout=90
    )
    assert done.stdout.startswith("export ")
    return dict(re.findall(r"(RECSYS_\w+)=(\S+)", done.stdout))


def documented(start: str) -> str:
    """Return the document's Python block that starts with these words."""
    blocks = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.M | re.S)
    (found,) = (block for block in blocks if block.startswith(start))
    return found
