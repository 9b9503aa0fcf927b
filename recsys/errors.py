"""The base of every error that is the user's to mend."""


class DuetError(ValueError):
    """Something the lab refuses or cannot do; its message is one line that says what to do."""
