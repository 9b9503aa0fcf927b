"""A download with progress, and with time limits so that it never hangs."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recsys.atomic import temporary_file
from recsys.data.tables import DataError

Progress = Callable[[str], None]

# Seconds. `requests` has no time limit for the DNS look-up, so there is one on the whole first
# answer.
FIRST_ANSWER = 8.0
SILENCE = 20.0
_MEGABYTE = 1_000_000


class NoConnectionError(DataError):
    """The server cannot be reached, or stopped answering."""


def download(url: str, file: Path, progress: Progress) -> None:
    """Download `url` to `file`, whole or not at all.

    Raises:
        NoConnectionError: there is no answer within `FIRST_ANSWER` seconds, the server refuses, or
            the connection breaks off.
        DataError: the file cannot be written.
    """
    from requests import RequestException

    progress(f"connecting to {url}")
    try:
        with (
            contextlib.closing(_first_answer(url)) as response,
            temporary_file(file) as temporary,
        ):
            _write(response, temporary, file.name, progress)
    except RequestException as error:
        raise NoConnectionError(f"the download of {url} was interrupted") from error
    except OSError as error:
        raise DataError(f"{file}: cannot be written ({error.strerror or error})") from error


def _first_answer(url: str) -> Any:
    """Return the response of `url`, its body not yet read."""
    import requests

    answers: queue.Queue[Any] = queue.Queue()

    def ask() -> None:
        try:
            response = requests.get(url, stream=True, timeout=(FIRST_ANSWER / 2, SILENCE))
            response.raise_for_status()
            answers.put(response)
        except OSError as error:  # those of requests, or e.g. a missing file of certificates
            answers.put(error)

    threading.Thread(target=ask, name="first-answer", daemon=True).start()
    try:
        answer = answers.get(timeout=FIRST_ANSWER)
    except queue.Empty:
        raise NoConnectionError(f"there is no answer from {url}") from None
    if isinstance(answer, requests.HTTPError):
        raise NoConnectionError(f"the server refuses: {answer}") from answer
    if isinstance(answer, requests.RequestException):
        raise NoConnectionError(f"there is no connection to {url}") from answer
    if isinstance(answer, OSError):
        raise DataError(f"{url} cannot be asked for: {answer}") from answer
    return answer


def _write(response: Any, file: Path, name: str, progress: Progress) -> None:
    total = int(response.headers.get("Content-Length") or 0)
    of_total = f" of {total / _MEGABYTE:.1f}" if total else ""
    written, reported = 0, 0.0
    with file.open("wb") as stream:
        for block in response.iter_content(1 << 18):
            stream.write(block)
            written += len(block)
            if time.monotonic() - reported >= 0.5:
                reported = time.monotonic()
                progress(f"downloading {name}: {written / _MEGABYTE:.1f}{of_total} MB")
    if total and written != total:
        raise NoConnectionError(
            f"the download of {name} was interrupted at {written:,} of {total:,} bytes"
        )
