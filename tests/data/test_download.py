"""Downloads, from a server on this machine that behaves well or badly."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys.data.download import NoConnectionError, download
from recsys.data.tables import DataError

CONTENT = bytes(range(256)) * 4000


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/gone":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: 1000 if self.path == "/cut" else None])

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_file_arrives_whole_and_with_progress(server: str, tmp_path: Path) -> None:
    lines: list[str] = []

    download(f"{server}/file", tmp_path / "new" / "file.zip", lines.append)

    assert (tmp_path / "new" / "file.zip").read_bytes() == CONTENT
    assert lines[0] == f"connecting to {server}/file"
    assert lines[1].startswith("downloading file.zip: ")
    assert lines[1].endswith(" of 1.0 MB")


@pytest.mark.parametrize(
    ("path", "message"), [("cut", "was interrupted"), ("gone", "the server refuses: 404")]
)
def test_failed_download_leaves_nothing_behind(
    server: str, tmp_path: Path, path: str, message: str
) -> None:
    with pytest.raises(NoConnectionError, match=message):
        download(f"{server}/{path}", tmp_path / "file.zip", lambda line: None)

    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_is_named(server: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DataError, match=r"file\.zip: cannot be written"):
        download(f"{server}/file", tmp_path / "file" / "file.zip", lambda line: None)


def test_missing_file_of_certificates_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))

    with pytest.raises(DataError, match=r"cannot be asked for: .*none\.pem"):
        download("https://127.0.0.1:9/file", tmp_path / "file.zip", lambda line: None)
