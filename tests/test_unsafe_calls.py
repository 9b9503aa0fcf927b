"""What the source never does: unpickle, run what it is given, load model files, or show HTML."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted([*(ROOT / "recsys").rglob("*.py"), *(ROOT / "pages").rglob("*.py")])
SCRIPTS = sorted([*(ROOT / "pages").rglob("*.js"), *(ROOT / "pages").rglob("*.html")])
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}
CALLS = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load"),
    *("yaml.unsafe_load", "yaml.full_load", "pd.read_pickle", "pickle.loads", "torch.load"),
    *("tf.saved_model.load", "tf.keras.models.load_model", "keras.models.load_model"),
    *("tf_keras.models.load_model", "load_model", "tempfile.mktemp"),
}
# In a script of a component: what makes HTML or code of a text, or asks another server.
SCRIPT_CALLS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|\beval\(|"
    r"new Function|DOMParser|srcdoc|\bfetch\(|XMLHttpRequest|WebSocket|importScripts|sendBeacon|"
    r"https?://(?!www\.w3\.org)|<script"
)


def unsafe(source: str) -> Iterator[str]:
    """Yield what a module does that it must not."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
            yield from (name for name in modules if name.split(".")[0] in MODULES)
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        values = {one.arg: ast.unparse(one.value) for one in node.keywords}
        if called in CALLS:
            yield called
        if called in ("np.load", "numpy.load") and values.get("allow_pickle") != "False":
            yield f"{called} without allow_pickle=False"
        if values.get("allow_pickle", "False") != "False":
            yield f"{called} with allow_pickle"
        if values.get("shell", "False") != "False":
            yield f"{called} with shell"
        yield from (
            f"{called} with {name}" for name in values if name and name.startswith("unsafe_")
        )
        is_html = re.fullmatch(r"st\.(html|iframe|components\.v1\..*)", called)
        if is_html and not (node.args and _is_fixed(node.args[0])):
            yield called


def _is_fixed(node: ast.expr) -> bool:
    """Return whether a text holds nothing but constants of the source."""
    values = node.values if isinstance(node, ast.JoinedStr) else [node]
    return all(
        isinstance(value, ast.Constant)
        or (
            isinstance(value, ast.FormattedValue)
            and ast.unparse(value.value).split(".")[-1].isupper()
        )
        for value in values
    )


def test_no_source_does_what_is_unsafe() -> None:
    found = {str(file.relative_to(ROOT)): list(unsafe(file.read_text())) for file in SOURCES}
    assert {file: calls for file, calls in found.items() if calls} == {}


def test_no_script_of_a_component_makes_html_of_a_text_or_asks_another_server() -> None:
    assert len(SCRIPTS) > 8
    found = {file.name: SCRIPT_CALLS.findall(file.read_text()) for file in SCRIPTS}
    assert {name: calls for name, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import load",
        "eval(text)",
        "np.load(file)",
        "np.load(file, allow_pickle=True)",
        "np.save(file, array, allow_pickle=True)",
        "yaml.load(text)",
        "tf.keras.models.load_model(path)",
        "subprocess.run(line, shell=True)",
        "st.markdown(text, unsafe_allow_html=True)",
        "st.html(text)",
        "st.html(f'<b>{name}</b>')",
        "st.components.v1.html(text)",
    ],
)
def test_planted_violation_is_found(source: str) -> None:
    assert list(unsafe(source)) != []
