"""The documents keep up with the code: commands, links, examples, and lists of files."""

import ast
import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

from recsys.__main__ import main
from recsys.data.tables import Dataset
from recsys.evaluation.metrics import METRICS

ROOT = Path(__file__).resolve().parents[1]
ARCHITECTURE = ROOT / "docs/architecture.md"
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
ROOMS = sorted(
    str(folder.relative_to(ROOT))
    for top in ("recsys", "pages/ui")
    for folder in [ROOT / top, *(ROOT / top).rglob("*")]
    if folder.is_dir() and any(folder.glob("*.py"))
)


def section(title: str) -> str:
    """Return the README's text under a heading."""
    parts = re.split(r"^## (.+)$", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[title]


# The command line


def help_of(*command: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit):
        main([*command, "--help"])
    return out.getvalue()


def commands() -> list[str]:
    return re.findall(r"^    (\w+)(?: |$)", help_of(), flags=re.M)


def options(command: str) -> set[str]:
    return set(re.findall(r"--[a-z]+", help_of(command))) - {"--help"}


def test_commands_are_found() -> None:
    stored = ["evaluate", "recommend", "runs", "export", "import", "report"]
    shared = ["certificates", "scheduler", "worker", "password"]
    assert commands() == ["train", "sweep", "search", *stored, *shared]
    assert {"--set", "--json"} <= options("train")


@pytest.mark.parametrize("command", commands())
def test_readme_names_every_command_and_option(command: str) -> None:
    sections = ("Command line", "Your own data", "Training on several machines")
    text = "".join(map(section, sections))
    assert f"python -m recsys {command}" in text
    assert options(command) - set(re.findall(r"--[a-z]+", text)) == set()


def test_readme_names_no_command_or_option_that_is_not_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"python -m recsys ([a-z]+)", text)) <= set(commands())
    calls = " ".join(re.findall(r"python -m recsys .*", text))
    assert set(re.findall(r"--[a-z]+", calls)) <= set().union(*map(options, commands()))


# The example in Python


def test_readme_example_trains_evaluates_and_recommends(
    movielens_100k: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", section("Command line"), flags=re.M | re.S)
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    metrics, *lines = capsys.readouterr().out.splitlines()
    assert set(ast.literal_eval(metrics)) == set(METRICS)
    titles = movielens_100k.movies.set_index("movie_id")["title"]
    shown = names["split"].movie_ids[names["shown"].movies]
    assert len(shown) == 10
    for line, title in zip(lines, titles[shown], strict=False):  # after the titles: their type
        assert title[:40] in line  # pandas cuts long ones


# Links and paths


def links(document: Path) -> list[str]:
    """Return what a document links to in this repository, images included."""
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"", text)
    return [link for pair in targets for link in pair if link and "://" not in link]


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_broken(document: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    return not target.exists() or bool(anchor and anchor not in anchors(target))


def test_broken_links_are_found() -> None:
    readme = ROOT / "README.md"
    assert "docs/images/tradeoff-light.png" in links(readme)
    assert not is_broken(readme, "docs/model.md#the-objective")
    assert is_broken(readme, "docs/model.md#no-such-heading")
    assert is_broken(readme, "docs/no-such-file.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    assert [link for link in links(document) if is_broken(document, link)] == []


@pytest.mark.parametrize(
    "document", [path for path in DOCUMENTS if path.name != "CHANGELOG.md"], ids=lambda p: p.name
)
def test_named_files_exist(document: Path) -> None:
    """The change log may name files that are gone."""
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"`((?:recsys|pages|benchmarks|tests|docs)/[\w./-]*)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []


# Rooms


def listed(docstring: str) -> list[str]:
    """Return the files (`name.py`) and folders (`name/`) that begin a line of a docstring."""
    return re.findall(r"^ *`?([a-z_0-9]+(?:\.py|/))`?(?: |$)", docstring, flags=re.M)


def contents(room: str) -> list[str]:
    """Return the modules (`name.py`) and sub-folders with modules (`name/`) of a folder."""
    modules = [file.name for file in (ROOT / room).glob("*.py") if file.name != "__init__.py"]
    folders = [f"{Path(other).name}/" for other in ROOMS if str(Path(other).parent) == room]
    return sorted(modules + folders)


def test_rooms_and_their_contents_are_found() -> None:
    assert {"recsys", "recsys/model", "pages/ui"} <= set(ROOMS)
    assert {"model/", "config.py"} <= set(contents("recsys"))
    text = "Summary.\n\nconfig.py   the choices of a run, see tables.py\n`model/`  the model"
    assert listed(text) == ["config.py", "model/"]


@pytest.mark.parametrize("room", ROOMS)
def test_docstring_of_each_room_lists_its_files(room: str) -> None:
    module = ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))
    assert sorted(listed(ast.get_docstring(module) or "")) == contents(room)


@pytest.mark.parametrize("room", ROOMS)
def test_architecture_names_each_room(room: str) -> None:
    assert f"`{room}/`" in ARCHITECTURE.read_text(encoding="utf-8")
