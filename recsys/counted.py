"""Counts in words: `1 rating`, `1,200 ratings`."""


def counted(n: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, which is in the singular for 1 only.

    Args:
        n: how many.
        noun: in the singular.
        plural: of the noun; by default with an s.
    """
    return f"{n:,} {noun if n == 1 else plural or f'{noun}s'}"
