"""What the server's log leaves out: a browser that goes away while it is sent a page."""

import logging
import threading

from starlette.websockets import WebSocketDisconnected


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    # Streamlit 1.67 reads from a websocket that its own sender has found closed, takes the error
    # for a malformed message, and so a reload at a bad moment is logged as a crash.
    return not (record.exc_info and isinstance(record.exc_info[1], WebSocketDisconnected))


def leave_out_closed_pages() -> None:
    """Log no traceback when a page is left or reloaded. Calling this again changes nothing."""
    logging.getLogger("uvicorn.error").addFilter(_is_worth_a_line)


def leave_out_thread() -> None:
    """Log no warning that this thread, which loads something for all pages, has no page."""
    own = threading.get_ident()
    name = "streamlit.runtime.scriptrunner_utils.script_run_context"
    logging.getLogger(name).addFilter(lambda record: record.thread != own)
