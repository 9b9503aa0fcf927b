"""Start TensorFlow without its start-up chatter."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


def start_tensorflow() -> None:
    """Import TensorFlow and the training code (3 to 10 s), once a process.

    TensorFlow's C++ parts write to stderr before any log level can be set; a person who waits for
    a progress bar should not have to read past that. If the start fails, all of it is shown.
    """
    with stderr_held_back():
        import tensorflow as tf

        import recsys.model.training  # noqa: F401

        tf.config.list_physical_devices()


@contextmanager
def stderr_held_back() -> Iterator[None]:
    """Keep what is written to stderr, by C++ code too, and show it only if there is an error."""
    with tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        real = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(real, 2)
            held.seek(0)
            sys.stderr.write(held.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(real, 2)
            os.close(real)
