"""Stand-ins for what a page has computed in a worker."""

import os
import signal
import time


def count(seconds, value, *, on_progress, should_stop):
    """Take some seconds, then return the value and the process; None if stopped."""
    steps = 20
    for step in range(steps):
        if should_stop():
            return None
        on_progress(step / steps)
        time.sleep(seconds / steps)
    return {"value": value, "process": os.getpid()}


def fail(*, on_progress, should_stop):
    """Fail as code fails that is wrong."""
    raise KeyError("places")


def die(*, on_progress, should_stop):
    """Kill the worker."""
    os.kill(os.getpid(), signal.SIGKILL)
