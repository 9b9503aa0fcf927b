"""The README keeps up with the code: its command line, and its map of where things are."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from recsys.__main__ import main

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(
    str(file.relative_to(ROOT))
    for folder in ("recsys", "pages", "benchmarks")
    for file in (ROOT / folder).rglob("*.py")
    if file.name != "__init__.py"
)


def section(title: str) -> str:
    """Return the README's text under a heading."""
    parts = re.split(r"^## (.+)$", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[title]


def help_of(*command: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit):
        main([*command, "--help"])
    return out.getvalue()


def commands() -> list[str]:
    return re.findall(r"^    (\w+)(?: |$)", help_of(), flags=re.M)


def options(command: str) -> set[str]:
    return set(re.findall(r"--[a-z]+", help_of(command))) - {"--help"}


def paths_in_map() -> set[str]:
    """Return the Python files that the map names, as paths from the top.

    A name without a folder belongs to the folder that began its line, or the last one before it.
    """
    found, folder = set(), ""
    for line in section("Where things are").splitlines():
        for name in re.findall(r"[\w./-]+(?:\.py\b|/)", line):
            if name.endswith("/"):
                folder = name
            else:
                found.add(name if "/" in name or name == "app.py" else folder + name)
    return found


def test_commands_are_found() -> None:
    assert commands() == ["train", "sweep", "search", "recommend", "runs"]
    assert {"--set", "--json"} <= options("train")


@pytest.mark.parametrize("command", commands())
def test_readme_names_every_command_and_option(command: str) -> None:
    text = section("Command line")
    assert f"python -m recsys {command}" in text
    named = set(re.findall(r"--[a-z]+", text))
    assert options(command) - named == set()


def test_readme_names_no_command_or_option_that_is_not_there() -> None:
    text = section("Command line")
    assert set(re.findall(r"python -m recsys (\w+)", text)) <= set(commands())
    known = set().union(*map(options, commands()))
    assert set(re.findall(r"--[a-z]+", text)) <= known


def test_every_path_of_the_map_exists() -> None:
    assert [path for path in sorted(paths_in_map()) if not (ROOT / path).is_file()] == []


def test_every_module_and_page_is_in_the_map() -> None:
    assert [path for path in MODULES if path not in paths_in_map()] == []
