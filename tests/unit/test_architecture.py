"""Rules of the code base, read off the source itself."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import zoo
from tests.helpers.paths import ROOT

LIBRARY = ROOT / "zoo"
# Each layer imports only layers above it, and itself: also inside functions and for types alone.
LAYERS = (
    ["system"],
    ["control_characters", "errors", "files", "formatting", "html", "markdown", "svg"],
    ["config"],
    ["nn"],
    ["data"],
    ["parallel"],
    ["training"],
    ["export"],
    ["inference"],
    ["bundle"],
    ["analysis"],
    ["report"],
    ["demo"],
    ["estimator"],
    ["api"],
    ["env"],
    ["testing"],
    ["bench"],
    ["__main__"],
)
LEVELS = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
FOLDERS = ("zoo", "cli", "registry", "models", "tests")
PLUGINS = ("zoo.cli", "zoo.registry", "zoo.models")
UNSAFE = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}


@cache
def files(folder: str) -> tuple[Path, ...]:
    return tuple(sorted((ROOT / folder).rglob("*.py")))


def modules() -> list[Path]:
    """Return the modules of the library, without the one that only hands names on."""
    return [path for path in files("zoo") if path != LIBRARY / "__init__.py"]


@cache
def nodes(path: Path) -> tuple[ast.Import | ast.ImportFrom | ast.Call | ast.Constant, ...]:
    """Return all that the rules look at in a file, which is parsed once."""
    looked_at = (ast.Import, ast.ImportFrom, ast.Call, ast.Constant)
    return tuple(
        node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, looked_at)
    )


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in nodes(path) if isinstance(node, ast.Call))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def room_of(path: Path) -> str:
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Return the modules of zoo that a file imports, and the names it takes from them."""
    names = set()
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.startswith("zoo.") and name != "zoo.__version__"}


def packages(path: Path) -> set[str]:
    """Return the top of every module that a file imports."""
    names = set()
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
    return names


def imported_rooms(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imports(path)}


def modules_imported(path: Path) -> set[str]:
    """Return the modules of zoo that a file imports, relative imports of bundle/app included."""
    top = ["zoo", *path.relative_to(LIBRARY).parts[:-1]]
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom):
            base = top[: len(top) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            submodules = {f"{module}.{alias.name}" for alias in node.names} & module_names()
            found |= submodules if len(submodules) == len(node.names) else {*submodules, module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & module_names()
    return (found & module_names()) - {"zoo"}


@cache
def module_names() -> frozenset[str]:
    return frozenset(map(dotted, files("zoo")))


def dotted(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def upward_imports(paths: list[Path]) -> list[str]:
    """Return the imports of a layer that lies below."""
    return [
        f"{named(path)} imports {name}"
        for path in paths
        for name in sorted(modules_imported(path))
        if LEVELS[name.split(".")[1]] > LEVELS[room_of(path)]
    ]


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules on a cycle of imports; none, if there is no cycle."""
    left = dict(graph)
    while free := [
        name
        for name, others in left.items()
        if not others & left.keys() or not any(name in left[other] for other in left)
    ]:
        for name in free:
            del left[name]
    return sorted(left)


def test_imports_go_one_way() -> None:
    """A module imports only layers above its own: always, lazily, and for types alone."""
    assert {room_of(path) for path in modules()} <= set(LEVELS)
    assert upward_imports(modules()) == []


def test_imports_make_no_cycle() -> None:
    """No modules import each other, not even inside functions or for types alone."""
    graph = {dotted(path): modules_imported(path) for path in modules()}
    assert cycle(graph) == []


def test_imports_order_in_contributing() -> None:
    """CONTRIBUTING.md shows the rooms in this order."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    picture = text.partition("## The rooms")[2].partition("```")[2].partition("```")[0]
    shown = [line.split()[0].strip("/") for line in picture.splitlines() if line.strip()]
    assert [room for room in shown if room in LEVELS] == [rooms[0] for rooms in LAYERS]


def test_imports_of_config() -> None:
    """Reading an entry needs no NumPy."""
    heavy = {"numpy", "pandas", "sklearn", "onnx"}
    offenders = [
        f"{named(path)} imports {', '.join(sorted(found))}"
        for path in modules()
        if room_of(path) == "config" and (found := packages(path) & heavy)
    ]
    assert not offenders, "\n".join(offenders)


def test_imports_of_nn() -> None:
    """The networks need NumPy and the standard library alone."""
    known = {"numpy", "zoo", *sys.stdlib_module_names}
    paths = [path for path in modules() if room_of(path) == "nn"]
    assert paths
    offenders = [
        f"{named(path)} imports {', '.join(sorted(others))}"
        for path in paths
        if (others := packages(path) - known)
    ]
    assert not offenders, "\n".join(offenders)


def test_plugins_not_named_in_the_library() -> None:
    """What comes in through the plugin door is neither imported nor named."""
    rooms = {name.removeprefix("zoo.") for name in PLUGINS}
    offenders = []
    for path in modules():
        strings = {node.value for node in nodes(path) if isinstance(node, ast.Constant)}
        found = strings & set(PLUGINS)
        if path.stem == "plugins":
            found -= {"zoo.registry"}  # there it is the group's name
        offenders += [f"{named(path)} names {name}" for name in sorted(map(str, found))]
        offenders += [f"{named(path)} imports {room}" for room in imported_rooms(path) & rooms]
    assert not offenders, "\n".join(offenders)


def test_packages_of_the_wheel() -> None:
    """Every folder with code is a package of the wheel: one that is missing cannot be imported."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = set(project["tool"]["setuptools"]["packages"])
    folders = [path.parent.relative_to(ROOT) for path in (ROOT / "zoo").rglob("__init__.py")]
    assert {".".join(folder.parts) for folder in folders} <= listed


def test_nothing_is_unpickled_or_evaluated() -> None:
    """No file anywhere imports a pickler, evaluates text or asks a shell."""
    offenders = []
    for path in [path for folder in FOLDERS for path in files(folder)]:
        offenders += [f"{named(path)} imports {name}" for name in packages(path) & UNSAFE]
        for call in calls(path):
            called = getattr(call.func, "id", None)
            if called in {"eval", "exec"}:
                offenders.append(f"{named(path)}:{call.lineno} calls {called}")
            offenders += [
                f"{named(path)}:{call.lineno} sets {keyword.arg}"
                for keyword in call.keywords
                if keyword.arg in {"allow_pickle", "shell"}
                and getattr(keyword.value, "value", None) is True
            ]
    assert not offenders, "\n".join(offenders)


def test_library_prints_nothing_and_seeds_nothing_global() -> None:
    """The library never prints and never touches a global random state."""
    offenders = [
        f"{named(path)}:{call.lineno} calls {called}"
        for path in modules()
        for call in calls(path)
        if (called := ast.unparse(call.func)) == "print"
        or called.startswith(("np.random.seed", "random."))
    ]
    assert not offenders, "\n".join(offenders)


def test_no_hint_installs_zoo_from_an_index() -> None:
    """No package index has zoo: a hint installs it from a clone."""
    offenders = [
        f"{named(path)}: {node.value}"
        for path in [*files("zoo"), *files("cli"), *files("models")]
        for node in nodes(path)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"pip install [^`]*numpy-zoo|numpy-zoo\[", node.value)
    ]
    assert offenders == []


def test_commands_exist() -> None:
    """Every command is found where it is said to be."""
    missing = []
    for name, (place, *_) in import_module("zoo.cli.commands").BUILTIN_COMMANDS.items():
        module, _, called = place.partition(":")
        if not callable(getattr(import_module(f"zoo.cli.{module}"), called, None)):
            missing.append(f"{name}: zoo.cli.{place}")
    assert not missing, "\n".join(missing)


def test_version() -> None:
    """The version is the distribution's."""
    from importlib.metadata import version

    assert zoo.__version__ == version("numpy-zoo")


def test_every_package_is_installed() -> None:
    """A folder of modules that pyproject.toml does not list is missing in the wheel."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {name: path.replace("/", ".") for name, path in settings["package-dir"].items()}
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for folder in folders.values()
        for path in files(folder)
        if path.name == "__init__.py"
    }
    listed = set(settings["packages"])
    for package, folder in folders.items():
        listed = {re.sub(rf"^{re.escape(package)}(?=\.|$)", folder, name) for name in listed}
    assert listed == found


def test_names_of_tests_are_short() -> None:
    """A test is found by grep: its name has at most 60 characters."""
    names = [
        name
        for path in files("tests")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    ]
    assert len(names) > 100
    assert [name for name in names if len(name) > 60] == []


def test_test_modules_import_no_other_test_module() -> None:
    """What tests share lies in tests/helpers and conftest.py."""
    wrong = {
        named(path): node.module
        for path in files("tests")
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and re.match(r"tests\.(.*\.)?test_", node.module or "")
    }
    assert wrong == {}
