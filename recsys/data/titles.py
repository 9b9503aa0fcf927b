"""Titles in reading order: "The Godfather (1972)", not "Godfather, The (1972)"."""

import re

# Articles that catalogues move to the end of a title, in the languages of MovieLens titles.
_ARTICLES = (
    r"The|An?"  # English
    r"|L[ea]|Les|L['\u2019]|Une?"  # French
    r"|Il|Lo|I|Gli|Gl['\u2019]|Una|Uno"  # Italian
    r"|El|Los|Las"  # Spanish
    r"|Os?|As|Uma?"  # Portuguese
    r"|Der|Die|Das|Eine?"  # German
    r"|De[nt]?|Het|Et|En|Ett"  # Dutch, Danish, Norwegian, Swedish
    r"|Els|Az|To"  # Catalan, Hungarian, Greek
)
_MOVED_ARTICLE = re.compile(rf"^(?P<name>.*\S), (?P<article>{_ARTICLES})$")
_ALSO_KNOWN_AS = re.compile(r"^(a\.?k\.?a\.?:?\s+)(?=\S)", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*\(([^()]*)\)")
# "(1972)", the years of a series "(2006-2007)", and MovieLens's "(1995) (V)" for a video.
_TRAILING_YEAR = re.compile(
    r"\s*\((?P<years>(?P<year>\d{4})(?:\s?[-\u2013]\s?(?:\d{4})?)?)\)(?:\s*\(V\))?$", re.ASCII
)


def display_title(raw: str) -> tuple[str, int | None]:
    """Return a catalogue's title in reading order, including the year, and the year.

    "Hate (Haine, La) (1995)" gives ("Hate (La Haine) (1995)", 1995). The year is None if the title
    does not end with one in brackets.
    """
    title = " ".join(raw.split())
    match = _TRAILING_YEAR.search(title)
    if match is None or match.start() == 0:
        return _names_in_order(title), None
    name = _names_in_order(title[: match.start()])
    return f"{name} ({match['years']})", int(match["year"])


def _names_in_order(title: str) -> str:
    """Put the article first in the title, and in each other name in the brackets after it."""
    start = title.find(" (")
    if start <= 0:
        return _article_first(title)
    other_names = _BRACKETS.sub(lambda match: f" ({_other_name(match[1])})", title[start:])
    return _article_first(title[:start]) + other_names


def _other_name(name: str) -> str:
    prefix = _ALSO_KNOWN_AS.match(name)
    length = prefix.end() if prefix else 0
    return name[:length] + _article_first(name[length:])


def _article_first(name: str) -> str:
    match = _MOVED_ARTICLE.match(name)
    if match is None:
        return name
    space = "" if match["article"][-1] in "'\u2019" else " "
    return match["article"] + space + match["name"]
