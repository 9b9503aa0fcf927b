"""The package `duet-lab` as it is installed: built from the sources, unpacked, run elsewhere."""

import configparser
import os
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from recsys.__main__ import main
from recsys.data.embedded import INSTALL
from recsys.home import home
from tests.cli.command_line import run

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("pyproject.toml", "README.md", "requirements.in")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `pip install .` would install, without the dependencies."""
    sources = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        shutil.copy(ROOT / name, sources)
    for name in ("recsys", "pages"):
        shutil.copytree(
            ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__", "*.png")
        )
    code = "import setuptools.build_meta as backend; backend.build_wheel('wheel')"
    # Setuptools is installed (TensorFlow needs it): no network.
    subprocess.run([sys.executable, "-c", code], cwd=sources, check=True, capture_output=True)
    (wheel,) = (sources / "wheel").glob("duet_lab-*.whl")
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def metadata(installed: Path, name: str) -> str:
    (file,) = installed.glob(f"duet_lab-*.dist-info/{name}")
    return file.read_text(encoding="utf-8")


def test_package_has_every_module_and_the_defaults_but_no_pages(installed: Path) -> None:
    expected = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "recsys").rglob("*")
        if file.suffix in (".py", ".yaml")
    }
    packed = {str(file.relative_to(installed)) for file in installed.rglob("*") if file.is_file()}
    assert {name for name in packed if ".dist-info/" not in name} == expected


def test_dependencies_are_those_of_requirements_in(installed: Path) -> None:
    lines = (ROOT / "requirements.in").read_text().splitlines()
    names = [line.split("#")[0].strip() for line in lines]
    # Quotes and spaces may differ.
    expected = sorted("".join(name.split()).replace("'", '"') for name in names if name)
    required = Parser().parsestr(metadata(installed, "METADATA")).get_all("Requires-Dist", [])
    assert sorted("".join(name.split()) for name in required) == expected


def test_command_duet_is_the_command_line(installed: Path) -> None:
    scripts = configparser.ConfigParser()
    scripts.read_string(metadata(installed, "entry_points.txt"))
    value = scripts["console_scripts"]["duet"]
    assert EntryPoint("duet", value, "console_scripts").load() is main


@pytest.mark.parametrize(
    ("called", "program"),
    [("/venv/bin/duet", "duet"), ("/site-packages/recsys/__main__.py", "python -m recsys")],
)
def test_help_and_errors_name_the_command_that_was_called(
    called: str, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [called])
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path))
    assert run("--help").out.startswith(f"usage: {program} ")
    assert run("recommend").err.startswith(f"{program} recommend: ")
    assert f"`{program} train`" in run("runs").out


def test_home_of_the_installed_package_is_in_the_users_folder(
    installed: Path, tmp_path: Path
) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RECSYS_")}
    environment |= {"PYTHONPATH": str(installed), "HOME": str(tmp_path)}
    command = [sys.executable, "-c", "from recsys.home import home; print(home())"]
    printed = subprocess.check_output(command, cwd=tmp_path, env=environment, text=True)
    assert printed.strip() == str(tmp_path.resolve() / ".recsys")


def test_home_of_a_checkout_is_beside_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECSYS_HOME")
    assert home() == ROOT / ".recsys"


def test_message_names_the_wheel_that_the_checkout_installs() -> None:
    pinned = (ROOT / "requirements-data.txt").read_text(encoding="utf-8")
    assert f"\n{INSTALL.split()[-1]} " in pinned
