import pytest

from recsys.errors import DuetError
from recsys.password import check_hash, hash_password, matches


def test_only_the_password_matches_its_hash() -> None:
    hashed = hash_password("Passwörter, & 😀")
    assert "Pass" not in hashed
    assert matches("Passwörter, & 😀", hashed)
    for wrong in ("", "Passwörter, & ", "passwörter, & 😀", hashed, "\ud800"):
        assert not matches(wrong, hashed)


def test_equal_passwords_have_different_hashes() -> None:
    assert hash_password("a password") != hash_password("a password")


def test_short_password_is_refused() -> None:
    with pytest.raises(DuetError, match="at least 8 characters"):
        hash_password("1234567")


@pytest.mark.parametrize(
    "text", ["", "hunter2", "scrypt:00:00", "md5:00:" + "0" * 128, "scrypt:zz:" + "0" * 128, "::"]
)
def test_text_that_is_no_hash_is_refused(text: str) -> None:
    with pytest.raises(DuetError, match="not the hash of a password"):
        check_hash(text)
