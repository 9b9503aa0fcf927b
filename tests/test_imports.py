"""The rules of which module may import which, read from the source and tried in a process."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    [*(ROOT / "recsys").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
)
NAMES = [str(file.relative_to(ROOT)) for file in SOURCES]
OTHERS = sorted([*(ROOT / "benchmarks").rglob("*.py"), *(ROOT / "tests").rglob("*.py")])
ALL_NAMES = [*NAMES, *(str(file.relative_to(ROOT)) for file in OTHERS)]
STATE, CACHE = "pages/ui/state.py", "pages/ui/cache.py"
ROOMS = {"home", "train", "tradeoff", "compare", "recommend", "new_user", "movie_map"}
TENSORFLOW = {"tensorflow", "tensorflow_recommenders", "tf_keras", "keras"}
# How a session-state key or a query parameter could be named outside of state.py.
KEYED = {"session_state", "query_params"}


# The folders of recsys, from the top to the bottom; `experiment` is a file.
LAYERS = [
    "cli",
    "export",
    "tradeoff",
    "jobs",
    "experiment",
    "model",
    "runs",
    "explanations",
    "evaluation",
    "data",
]


def layer(name: str) -> str | None:
    """Return which of LAYERS a file of recsys is in, or None for what any of them may import."""
    folder, part, *_ = [*name.removesuffix(".py").split("/"), ""]
    part = "cli" if part == "__main__" else part
    return part if folder == "recsys" and part in LAYERS else None


def module_name(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {module_name(name): name for name in ALL_NAMES}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(), name)


@cache
def imports(name: str) -> set[str]:
    """Return the modules a file imports, also inside functions, dotted and absolute."""
    package = name.removesuffix(".py").split("/")[:-1]
    found = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*start, *filter(None, [node.module])])
            # `from a import b` may mean the module a.b.
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def imports_any(name: str, packages: set[str]) -> set[str]:
    return {
        module
        for module in imports(name)
        if any(module == package or module.startswith(f"{package}.") for package in packages)
    }


def room(module: str) -> str | None:
    """Return the page whose folder in pages/ui a module is in, or None."""
    package, _, rest = module.partition("pages.ui.")
    folder = rest.split(".")[0]
    return folder if not package and folder in ROOMS else None


def imported_names(name: str) -> list[tuple[str, str, str]]:
    """Return (module, name in it, name here) of each `from … import …` of a file."""
    return [
        (node.module, alias.name, alias.asname or alias.name)
        for node in ast.walk(tree(name))
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    ]


@cache
def only_imports(module: str) -> set[str]:
    """Return the names that a module imports and does not define itself."""
    nodes = list(ast.walk(tree(MODULES[module])))
    defined = {
        node.name
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    defined |= {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    imported = {
        (alias.asname or alias.name).split(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return imported - defined


def test_sources_are_found() -> None:
    assert {"app.py", "pages/1_Train.py", STATE, "recsys/model/training.py"} <= set(NAMES)
    assert "recsys.model.start" in imports("recsys/experiment.py")  # inside a function
    assert "pages.ui.state" in imports("pages/ui/home/page.py")  # from pages.ui import state


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("recsys/")])
def test_recsys_knows_neither_streamlit_nor_altair_nor_the_pages(name: str) -> None:
    assert not imports_any(name, {"streamlit", "altair", "pages", "app", "tests"})


@pytest.mark.parametrize("name", NAMES)
def test_only_the_model_imports_tensorflow(name: str) -> None:
    if not name.startswith("recsys/model/"):
        assert not imports_any(name, TENSORFLOW)


def test_recsys_says_which_keras_before_anyone_imports_it() -> None:
    assert not imports_any("recsys/model/__init__.py", TENSORFLOW)
    code = "import os, recsys; print(os.environ['TF_USE_LEGACY_KERAS'])"
    assert in_a_process(code) == "1"


@pytest.mark.parametrize("name", NAMES)
def test_only_movielens_imports_tfds(name: str) -> None:
    if name != "recsys/data/movielens.py":
        assert not imports_any(name, {"tensorflow_datasets"})


@pytest.mark.parametrize("name", NAMES)
def test_only_the_cluster_imports_dask(name: str) -> None:
    if not name.startswith("recsys/jobs/cluster/"):
        assert not imports_any(name, {"dask", "distributed"})


@pytest.mark.parametrize("name", [name for name in NAMES if layer(name) is not None])
def test_folders_of_recsys_import_only_those_below(name: str) -> None:
    used = {layer(MODULES[module]) for module in imports(name) & MODULES.keys()} - {None}
    assert all(LAYERS.index(other) >= LAYERS.index(layer(name)) for other in used)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("pages/ui/")])
def test_what_pages_share_imports_no_page(name: str) -> None:
    assert {module for module in imports_any(name, {"pages"}) if module != "pages"} == {
        module for module in imports(name) if module.startswith("pages.ui")
    }
    assert not imports_any(name, {"app", "tests"})


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name.count("/") < 2 and "pages/" in name]
)
def test_pages_never_import_each_other(name: str) -> None:
    assert not imports_any(name, {"app", "tests"})
    assert all(module.startswith("pages.ui") for module in imports_any(name, {"pages"}))


def test_room_of_a_module_is_its_folder() -> None:
    rooms = {
        "pages.ui.compare.rows": "compare",
        "pages.ui.tradeoff.charts": "tradeoff",
        "pages.ui.train.results": "train",
        "pages.ui.state": None,
        "recsys.recommend": None,
    }
    assert {module: room(module) for module in rooms} == rooms


@pytest.mark.parametrize("name", [name for name in NAMES if room(module_name(name))])
def test_room_of_a_page_imports_no_other_pages_room(name: str) -> None:
    own = room(module_name(name))
    imported = imports(name) & MODULES.keys()
    others = {module for module in imported if room(module) not in (None, own)}
    assert not others


def test_cache_imports_only_recsys() -> None:
    allowed = {"recsys", "streamlit", *sys.stdlib_module_names}
    others = {module for module in imports(CACHE) if module.partition(".")[0] not in allowed}
    assert not others & MODULES.keys()
    assert {module.partition(".")[0] for module in others} <= {"pages"}


@pytest.mark.parametrize("name", ALL_NAMES)
def test_names_are_imported_from_the_module_that_defines_them(name: str) -> None:
    found = {
        f"{module}.{imported}"
        for module, imported, _ in imported_names(name)
        if module in MODULES
        and f"{module}.{imported}" not in MODULES
        and imported in only_imports(module)
    }
    assert not found


def test_module_has_one_name_in_all_files() -> None:
    names: dict[str, set[str]] = {}
    for file in ALL_NAMES:
        for module, imported, here in imported_names(file):
            if f"{module}.{imported}" in MODULES:
                names.setdefault(f"{module}.{imported}", set()).add(here)
    assert not {module for module, known in names.items() if len(known) > 1}


@pytest.mark.parametrize("name", [name for name in NAMES if "ui/charts/" in name])
def test_charts_never_import_streamlit(name: str) -> None:
    assert not imports_any(name, {"streamlit"})


def text(node: ast.AST) -> bool:
    """Whether a node is a literal text, f-strings included."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def about_state(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in KEYED


def named_keys(module: ast.Module) -> list[int]:
    """Return the lines on which a module names a session-state key or a query parameter itself."""
    lines = []
    for node in ast.walk(module):
        named = False
        if isinstance(node, ast.Subscript):  # st.session_state["…"]
            named = about_state(node.value) and text(node.slice)
        elif isinstance(node, ast.Attribute):  # st.session_state.name; its methods are fine
            named = about_state(node.value) and not hasattr(dict, node.attr)
        elif isinstance(node, ast.Call):
            keys = [word.value for word in node.keywords if word.arg == "key"]
            if isinstance(node.func, ast.Attribute) and about_state(node.func.value):
                keys += node.args[:1]  # st.session_state.get("…")
            elif not isinstance(node.func, ast.Attribute):
                keys = []  # a widget is a method of `st` or of a container: left.button(key=…)
            named = any(text(key) for key in keys)
            named |= any(
                isinstance(word.value, ast.Dict) and word.arg == "query_params"
                for word in node.keywords
            )
        elif isinstance(node, ast.Compare):  # "…" in st.session_state
            named = text(node.left) and any(map(about_state, node.comparators))
        if named:
            lines.append(node.lineno)
    return lines


def reads_query_params(name: str) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr == "query_params"
        for node in ast.walk(tree(name))
    )


@pytest.mark.parametrize(
    "line",
    [
        "st.session_state['train.run'] = 1",
        "st.session_state.run",
        "st.session_state.get(f'{page}.run')",
        "'run' in st.session_state",
        "left.button('Start', key='train.start')",
        "st.page_link('app.py', query_params={'run': id})",
    ],
)
def test_named_keys_are_found(line: str) -> None:
    assert named_keys(ast.parse(line)) == [1]
    assert reads_query_params(STATE)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("recsys/")])
def test_only_state_names_session_keys_and_query_parameters(name: str) -> None:
    if name != STATE:
        assert named_keys(tree(name)) == []
        assert not reads_query_params(name)


def in_a_process(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_importing_all_of_recsys_but_the_model_leaves_tensorflow_out() -> None:
    modules = [
        module_name(name)
        for name in NAMES
        if name.startswith("recsys/") and not name.startswith("recsys/model/")
    ]
    code = (
        "import importlib, sys\n"
        f"for module in {modules}: importlib.import_module(module)\n"
        "print({name.partition('.')[0] for name in sys.modules}\n"
        f"    & {TENSORFLOW | {'tensorflow_datasets', 'streamlit', 'altair', 'optuna', 'umap'}})"
    )
    assert "recsys.jobs.queue" in modules
    assert in_a_process(code) == "set()"
