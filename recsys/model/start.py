"""Import TensorFlow without its start-up messages."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from recsys.memory import set_allocator


def start_tensorflow() -> None:
    """Import TensorFlow and the training code, which takes 3 to 10 s the first time.

    TensorFlow's C++ code writes to stderr before a log level can be set, which would break up the
    progress bar. These messages are shown only if the import fails.
    """
    set_allocator()  # before TensorFlow starts its threads
    with stderr_held_back():
        import tensorflow as tf

        import recsys.model.training  # noqa: F401

        tf.config.list_physical_devices()


@contextmanager
def stderr_held_back() -> Iterator[None]:
    """Hold back everything written to stderr, also by C++ code; show it only after an exception."""
    with tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        real = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:  # whatever ends it, also Ctrl-C: what was held back may say why
            os.dup2(real, 2)
            held.seek(0)
            sys.stderr.write(held.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(real, 2)
            os.close(real)
