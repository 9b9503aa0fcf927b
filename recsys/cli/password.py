"""The hash of a shared server's password, from what is typed."""

import getpass
import sys

from recsys.errors import DuetError
from recsys.password import hash_password


def typed_hash() -> str:
    """Ask for a password, twice at a terminal; return its hash.

    Raises:
        DuetError: the two differ, or the password is too short.
    """
    if not sys.stdin.isatty():
        return hash_password(sys.stdin.readline().rstrip("\r\n"))
    first = getpass.getpass("Password: ")
    hashed = hash_password(first)
    if getpass.getpass("Again: ") != first:
        raise DuetError("the two passwords differ")
    return hashed
