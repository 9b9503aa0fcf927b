"""Stand-ins for what a page has computed in a worker."""

import os
import signal
import time

LOOK_SECONDS = 0.05  # between two looks for a stop


def count(seconds, value, *, on_progress, should_stop):
    """Take some seconds, then return the value and the process; None if stopped."""
    start = time.monotonic()
    on_progress(0.0)
    while not should_stop():
        took = time.monotonic() - start
        if took >= seconds:
            return {"value": value, "process": os.getpid()}
        on_progress(took / seconds)
        time.sleep(min(LOOK_SECONDS, seconds - took))
    return None


def fail(*, on_progress, should_stop):
    """Fail as code fails that is wrong."""
    raise KeyError("places")


def die(*, on_progress, should_stop):
    """Kill the worker."""
    os.kill(os.getpid(), signal.SIGKILL)
