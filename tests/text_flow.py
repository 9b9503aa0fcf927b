"""Which texts reach an element that Streamlit reads as Markdown, and whether they may.

A text may if it is in the source: a constant, also of a module, a number, what is put together
from such, or what `as_typed` returns. All else comes from data, links or files for all that one
can tell, and must go through `as_typed`. Functions are followed: a parameter that a function shows
makes each call of it a place where text is shown; and what a function returns is looked at too.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ESCAPE = "as_typed"
HELP = ("help",)
# By method: how many of its first arguments are Markdown, and which keywords.
SINKS = {
    **dict.fromkeys(("markdown", "caption", "title", "header", "subheader"), (1, ("body", "help"))),
    **dict.fromkeys(("error", "warning", "info", "success", "toast"), (1, ("body",))),
    **dict.fromkeys(
        (
            *("button", "download_button", "link_button", "form_submit_button", "checkbox"),
            *("toggle", "radio", "selectbox", "multiselect", "slider", "select_slider", "pills"),
            *("number_input", "text_input", "text_area", "file_uploader", "segmented_control"),
            *("expander", "popover", "status", "dialog", "feedback", "date_input", "color_picker"),
        ),
        (1, ("label", "help")),
    ),
    "page_link": (0, ("label", "help")),
    "metric": (1, ("label", "help", "delta_description")),
    "progress": (0, ("text",)),
    "spinner": (1, ("text",)),
    "tabs": (1, ("tabs",)),
    "html": (1, ("body",)),
    **dict.fromkeys(
        ("Column", "TextColumn", "NumberColumn", "ProgressColumn", "CheckboxColumn"), (0, HELP)
    ),
}
# These read what they offer as Markdown too; each must say how an option is written.
PAGES = ("pages", "app.py")  # only there is something shown
CHOICES = ("pills", "segmented_control", "radio")
NUMBERS = {"int", "float", "bool"}
FORBIDDEN = ("write", "table", "image")  # of `st`: they guess what they are given
NUMBER_ATTRIBUTES = {"shape", "size"}
NUMBER_CALLS = {"sum", "len", "int", "float", "bool", "round", "abs"}
PASSING = {
    "sorted",
    "list",
    "tuple",
    "reversed",
    "set",
    "min",
    "max",
    "dict",
    "iter",
    "next",
    "zip",
}
ADDING = {"append", "extend", "insert", "add", "update"}
TEXT_METHODS = {
    *("join", "format", "capitalize", "lower", "upper", "strip", "rstrip", "lstrip", "title"),
    *("removeprefix", "removesuffix", "replace", "splitlines", "split", "get", "values", "items"),
    *("keys", "__getitem__", "rjust", "ljust", "partition", "rpartition"),
}


@dataclass(frozen=True)
class Place:
    """A text that is shown although it may be data."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(eq=False)
class Function:
    """A function, and what is known of the names in it."""

    file: str
    node: ast.FunctionDef | ast.Lambda | ast.Module
    outer: "Function | None" = None
    names: dict[str, list[ast.expr | None]] = field(default_factory=lambda: defaultdict(list))

    @property
    def parameters(self) -> list[str]:
        if isinstance(self.node, ast.Module):
            return []
        arguments = self.node.args
        return [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]

    def annotation(self, name: str) -> str:
        if isinstance(self.node, ast.Module):
            return ""
        arguments = self.node.args
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        found = next((one.annotation for one in every if one.arg == name), None)
        return ast.unparse(found) if found else ""


class Flow:
    """The functions of some sources, by name, and the annotated attributes of their classes."""

    def __init__(self, sources: dict[str, str], trusted: frozenset[str] = frozenset()) -> None:
        """Read sources: {file: text}. `trusted` functions return what the source holds."""
        self.trusted = trusted
        self.functions: dict[str, list[Function]] = defaultdict(list)
        self.attributes: dict[str, set[str]] = defaultdict(set)
        self.scopes: list[Function] = []
        self.shown_parameters: set[tuple[int, str]] = set()  # of which function
        self._given_to: dict[int, tuple[ast.Call, Function]] = {}  # by the lambda in a call
        self._returned: dict[int, tuple[bool, frozenset[str]]] = {}
        self._literals = set(NUMBERS)
        for file, text in sources.items():
            self._read(ast.parse(text, file), Function(file, ast.parse("")))

    def violations(self) -> list[Place]:
        """Return the places where a text is shown that may be data."""
        while True:
            known = len(self.shown_parameters)
            scopes = [scope for scope in self.scopes if scope.file.startswith(PAGES)]
            found = {place for scope in scopes for place in self._of_scope(scope)}
            if len(self.shown_parameters) == known:
                return sorted(found, key=str)

    # Reading

    def _read(self, tree: ast.Module, scope: Function) -> None:
        scope.node = tree
        self.scopes.append(scope)
        self._walk(tree, scope)

    def _walk(self, node: ast.AST, scope: Function) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.Lambda):
                inner = Function(scope.file, child, scope)
                self.scopes.append(inner)
                if isinstance(child, ast.FunctionDef):
                    self.functions[child.name].append(inner)
                    for one in child.decorator_list:
                        self._note(one, scope)
                        self._walk(one, scope)
                self._walk(child, inner)
                continue
            if isinstance(child, ast.ClassDef):
                self._annotations(child)
                if any("Enum" in ast.unparse(base) for base in child.bases):
                    self._literals.add(child.name)
            if isinstance(child, ast.Assign) and ast.unparse(child.value).startswith("Literal["):
                self._literals |= {ast.unparse(target) for target in child.targets}
            if isinstance(child, ast.Call):
                for argument in (*child.args, *(one.value for one in child.keywords)):
                    self._given_to[id(argument)] = (child, scope)
            self._note(child, scope)
            self._walk(child, scope)

    def _annotations(self, node: ast.ClassDef) -> None:
        for one in node.body:
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                self.attributes[one.target.id].add(ast.unparse(one.annotation))
            elif isinstance(one, ast.FunctionDef):
                is_property = any("property" in ast.unparse(d) for d in one.decorator_list)
                if is_property and one.returns:
                    self.attributes[one.name].add(ast.unparse(one.returns))

    def _note(self, node: ast.AST, scope: Function) -> None:
        """Keep what a name is set to; None for what is not looked into."""
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._set(target, node.value, scope)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            self._set(node.target, node.value, scope)
        elif isinstance(node, ast.For | ast.comprehension):
            self._set(node.target, node.iter, scope)
        elif isinstance(node, ast.withitem) and node.optional_vars:
            self._set(node.optional_vars, node.context_expr, scope)
        elif isinstance(node, ast.Call) and _name(node.func) in ADDING:
            if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                for value in node.args:
                    self._set(node.func.value, value, scope)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            scope.names[node.name].append(None)

    def _set(self, target: ast.expr, value: ast.expr | None, scope: Function) -> None:
        if isinstance(target, ast.Subscript):
            target = target.value
        if isinstance(target, ast.Name):
            scope.names[target.id].append(value)
        elif isinstance(target, ast.Tuple | ast.List):
            same = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
            values = value.elts if same and isinstance(value, ast.Tuple) else None
            for number, one in enumerate(target.elts):
                self._set(one, values[number] if values else value, scope)

    def _functions(self, name: str, file: str) -> list[Function]:
        """Return the functions that a name may mean in a file."""
        found = self.functions.get(name, [])
        return [one for one in found if one.file == file] if name.startswith("_") else found

    # What is shown

    def _of_scope(self, scope: Function) -> Iterator[Place]:
        for node in _own_nodes(scope.node):
            if isinstance(node, ast.Call):
                for shown in self._shown_by(node, scope.file):
                    if not self.is_safe(shown, scope):
                        yield Place(scope.file, shown.lineno, ast.unparse(shown)[:90])
                yield from self._choices(node, scope)
                if ast.unparse(node.func) in [f"st.{name}" for name in FORBIDDEN]:
                    yield Place(scope.file, node.lineno, ast.unparse(node)[:90])

    def _shown_by(self, call: ast.Call, file: str) -> Iterator[ast.expr]:
        name = _name(call.func)
        if isinstance(call.func, ast.Attribute) and name in SINKS:
            positional, keywords = SINKS[name]
            yield from (one for one in call.args[:positional] if not isinstance(one, ast.Starred))
            yield from (one.value for one in call.keywords if one.arg in keywords)
        for function in self._functions(name, file):
            parameters = [one for one in function.parameters if one not in ("self", "cls")]
            for number, argument in enumerate(call.args):
                if number < len(parameters) and self._is_shown(function, parameters[number]):
                    yield argument
            for one in call.keywords:
                if self._is_shown(function, one.arg):
                    yield one.value

    def _is_shown(self, function: Function, parameter: str | None) -> bool:
        return (id(function.node), parameter) in self.shown_parameters

    def _choices(self, call: ast.Call, scope: Function) -> Iterator[Place]:
        if not (isinstance(call.func, ast.Attribute) and _name(call.func) in CHOICES):
            return
        written = next((one.value for one in call.keywords if one.arg == "format_func"), None)
        options = [one.value for one in call.keywords if one.arg == "options"] + call.args[1:2]
        if not options and (outer := self._given_to.get(id(scope.node))):
            # `choice(name, options, default, lambda **options: st.pills("Label", **options))`
            options, scope = outer[0].args[1:2], outer[1]
        as_they_are = written is None or ast.unparse(written).startswith("str.")
        if as_they_are and options and all(self.is_safe(one, scope) for one in options):
            return
        if written is None or not self._is_safe_function(written, scope):
            yield Place(scope.file, call.lineno, f"options of {ast.unparse(call)[:60]}")

    # What is safe

    def is_safe(
        self, node: ast.expr | None, scope: Function, seen: frozenset[int] = frozenset()
    ) -> bool:
        """Return whether a text can only hold what the source or `as_typed` puts there."""
        if node is None or id(node) in seen:
            return node is not None  # what refers to itself adds nothing
        seen |= {id(node)}

        def safe(*nodes: ast.expr | None) -> bool:
            return all(self.is_safe(one, scope, seen) for one in nodes)

        match node:
            case ast.Constant() | ast.Compare():
                return True
            case ast.JoinedStr():
                return safe(*node.values)
            case ast.FormattedValue():
                spec = ast.unparse(node.format_spec)[2:-1] if node.format_spec else ""
                return (spec[-1:] in tuple("dfgeEn%,") and spec != "") or safe(node.value)
            case ast.BinOp():
                return safe(node.left, node.right)
            case ast.UnaryOp():
                return isinstance(node.op, ast.Not) or safe(node.operand)
            case ast.BoolOp():
                return safe(*node.values)
            case ast.IfExp():
                return safe(node.body, node.orelse)
            case ast.List() | ast.Tuple() | ast.Set():
                return safe(*node.elts)
            case ast.Dict():
                return safe(*(one for one in node.values))
            case ast.Starred() | ast.NamedExpr():
                return safe(node.value)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return safe(node.elt)
            case ast.DictComp():
                return safe(node.value)
            case ast.Subscript():
                return safe(node.value)
            case ast.Name():
                return self._is_safe_name(node, scope, seen)
            case ast.Attribute():
                return self._is_safe_attribute(node, scope, seen)
            case ast.Call():
                return self._is_safe_call(node, scope, seen)
        return False

    def _is_safe_name(self, node: ast.Name, scope: Function, seen: frozenset[int]) -> bool:
        if node.id in self.trusted or node.id.isupper():
            return True  # a constant of a module
        where: Function | None = scope
        while where is not None:
            if node.id in where.names:
                return all(self.is_safe(value, where, seen) for value in where.names[node.id])
            if node.id in where.parameters:
                if self._is_literal(where.annotation(node.id)):
                    return True
                if isinstance(where.node, ast.FunctionDef):
                    # Whoever calls this function shows the argument.
                    self.shown_parameters.add((id(where.node), node.id))
                    return True
                return False
            where = where.outer
        return False

    def _is_safe_attribute(
        self, node: ast.Attribute, scope: Function, seen: frozenset[int]
    ) -> bool:
        if node.attr.isupper() or node.attr in self.trusted | NUMBER_ATTRIBUTES:
            return True
        annotations = self.attributes.get(node.attr, set())
        if annotations and all(map(self._is_literal, annotations)):
            return True
        base = node.value
        if isinstance(base, ast.Name) and base.id not in scope.names:
            return False  # a parameter, or a module: what it holds is not known
        return isinstance(base, ast.Name | ast.Call) and self.is_safe(base, scope, seen)

    def _is_literal(self, annotation: str) -> bool:
        one = annotation.removesuffix(" | None")
        return one in self._literals or one.startswith("Literal[")

    def _is_safe_call(self, node: ast.Call, scope: Function, seen: frozenset[int]) -> bool:
        name = _name(node.func)
        arguments = [*node.args, *(one.value for one in node.keywords)]

        def safe(*nodes: ast.expr) -> bool:
            return all(self.is_safe(one, scope, seen) for one in nodes)

        if name == ESCAPE or name in self.trusted or name in NUMBER_CALLS:
            return True
        if name in PASSING or name == "str":
            return safe(*arguments)
        if name == "map":
            return self._is_safe_function(node.args[0], scope)
        if name == "filter":
            return safe(node.args[1])
        if isinstance(node.func, ast.Attribute) and name in TEXT_METHODS:
            return safe(node.func.value, *arguments)
        found = self._functions(name, scope.file)
        return bool(found) and all(self._returns_safe(one, node, scope, seen) for one in found)

    def _is_safe_function(self, node: ast.expr, scope: Function) -> bool:
        """Return whether a function that is passed on returns what may be shown."""
        if isinstance(node, ast.Lambda):
            inner = next((one for one in self.scopes if one.node is node), None)
            return inner is not None and self.is_safe(node.body, inner)
        name = _name(node)
        if name == ESCAPE or name in self.trusted:
            return True
        if isinstance(node, ast.Attribute) and name in ("__getitem__", "get"):
            return self.is_safe(node.value, scope)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "str":
            return False
        found = self._functions(name, scope.file)
        # An argument that it returns as it is would be shown.
        return bool(found) and all(self._returns(one) == (True, frozenset()) for one in found)

    def _returns_safe(
        self, function: Function, call: ast.Call, scope: Function, seen: frozenset[int]
    ) -> bool:
        safe, passed = self._returns(function)
        parameters = [one for one in function.parameters if one not in ("self", "cls")]
        given = dict(zip(parameters, call.args, strict=False))
        given |= {one.arg: one.value for one in call.keywords if one.arg}
        return safe and all(
            self.is_safe(given[name], scope, seen) for name in passed if name in given
        )

    def _returns(self, function: Function) -> tuple[bool, frozenset[str]]:
        """Return whether a function returns safe texts, if these of its parameters are safe."""
        node = function.node
        assert isinstance(node, ast.FunctionDef)
        if node.returns and self._is_literal(ast.unparse(node.returns)):
            return True, frozenset()
        if id(node) not in self._returned:
            self._returned[id(node)] = (True, frozenset())  # while it is looked at: it calls itself
            before, self.shown_parameters = self.shown_parameters, set()
            values = [
                one.value
                for one in _own_nodes(node)
                if isinstance(one, ast.Return | ast.Yield) and one.value is not None
            ]
            safe = bool(values) and all(self.is_safe(value, function) for value in values)
            passed = {name for who, name in self.shown_parameters if who == id(node)}
            self.shown_parameters = before
            self._returned[id(node)] = (safe, frozenset(passed))
        return self._returned[id(node)]


def read(root: Path, *folders: str) -> dict[str, str]:
    """Return the sources in some folders, by their path."""
    files = (file for folder in folders for file in sorted((root / folder).rglob("*.py")))
    return {str(file.relative_to(root)): file.read_text(encoding="utf-8") for file in files}


def _name(node: ast.expr) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of the functions in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.Lambda):
            yield child
            yield from _own_nodes(child)
        elif isinstance(child, ast.FunctionDef):
            for one in child.decorator_list:
                yield one
                yield from _own_nodes(one)
