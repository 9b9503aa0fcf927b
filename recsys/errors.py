"""The base class of errors that the user can fix, and how a message quotes what they typed.

An error that several packages deal with is here too.
"""

MOST_QUOTED = 80  # characters


class DuetError(ValueError):
    """An error that the user can fix. Its message is one line that says what to do."""


class StoppedEarlyError(DuetError):
    """A training was stopped before the end of its first epoch: there is nothing to keep."""


def quoted(value: object) -> str:
    """Return a value in quotes, as a message shows it: one line, and cut if it is long."""
    try:
        text = repr(value)
    except ValueError:  # a whole number with thousands of digits
        return "a number with thousands of digits"
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}…"
