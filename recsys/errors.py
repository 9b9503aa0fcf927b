"""The base class of errors that the user can fix."""


class DuetError(ValueError):
    """An error that the user can fix. Its message is one line that says what to do."""
