import logging

import pytest
from starlette.websockets import WebSocketDisconnected

from pages.ui.server_log import leave_out_closed_pages


def test_log_leaves_out_a_closed_page_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        leave_out_closed_pages()
    log = logging.getLogger("uvicorn.error")
    for error in (WebSocketDisconnected("closed"), RuntimeError("a fault")):
        try:
            raise error
        except RuntimeError:
            log.exception("Exception in ASGI application")
    log.error("a line without an exception")
    assert [str(record.exc_info and record.exc_info[1]) for record in caplog.records] == [
        "a fault",
        "None",
    ]
