"""The password of a shared server: only a hash of it is kept."""

import hashlib
import hmac
import secrets

from recsys.errors import DuetError

_KIND = "scrypt"
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1  # 16 MB and about 50 ms for each try
SHORTEST = 8  # characters


def hash_password(password: str) -> str:
    """Return what `matches` compares with: `scrypt:salt:hash`, the last two in hexadecimal.

    Raises:
        DuetError: the password is too short.
    """
    if len(password) < SHORTEST:
        raise DuetError(f"a password has at least {SHORTEST} characters")
    salt = secrets.token_bytes(16)
    return f"{_KIND}:{salt.hex()}:{_scrypt(password, salt).hex()}"


def check_hash(hashed: str) -> str:
    """Return a hash as it is, if `matches` can use it.

    Raises:
        DuetError: it was not made by `hash_password`.
    """
    _parts(hashed)
    return hashed


def matches(password: str, hashed: str) -> bool:
    """Return whether this is the password with that hash, in a time that does not depend on it.

    Raises:
        DuetError: the hash was not made by `hash_password`.
    """
    salt, expected = _parts(hashed)
    return hmac.compare_digest(_scrypt(password, salt), expected)


def _parts(hashed: str) -> tuple[bytes, bytes]:
    try:
        kind, salt, digest = hashed.split(":")
        parts = bytes.fromhex(salt), bytes.fromhex(digest)
    except ValueError:
        kind, parts = "", (b"", b"")
    if kind != _KIND or len(parts[1]) != hashlib.sha512().digest_size:
        raise DuetError("not the hash of a password; `python -m recsys password` makes one")
    return parts


def _scrypt(password: str, salt: bytes) -> bytes:
    text = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL)
