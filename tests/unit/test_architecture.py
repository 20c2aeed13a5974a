"""The rules that hold the house up, read off the source itself."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import zoo
from tests.helpers.paths import ROOT

COMMANDS: dict[str, tuple[str, str]] = import_module("zoo.cli.commands").OURS
LIBRARY = ROOT / "zoo"
# Each room may import those before it, and itself.
ORDER = (
    "errors",
    "formatting",
    "pages",
    "statistics",
    "files",
    "packages",
    "plugins",
    "folders",
    "nn",
    "data",
    "png",
    "kinds",
    "faults",
    "lines",
    "config",
    "schema",
    "template",
    "scaffold",
    "keys",
    "results",
    "catalog",
    "metrics",
    "brought",
    "build",
    "datasets",
    "training",
    "estimate",
    "weights",
    "store",
    "curves",
    "record",
    "contrast",
    "engines",
    "trainings",
    "model",
    "card",
    "export",
    "bundle",
    "answers",
    "predict",
    "handwriting",
    "chunks",
    "parts",
    "spread",
    "evaluate",
    "compare",
    "choosing",
    "ablate",
    "spaces",
    "processes",
    "tune",
    "report",
    "demo",
    "estimator",
    "front",
    "conformance",
    "bench",
)
FOLDERS = ("zoo", "cli", "registry", "models", "tests")


def room_of(path: Path) -> str:
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Return the modules of zoo that a file imports, and the names it takes from them."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.startswith("zoo.") and name != "zoo.__version__"}


def imported_rooms(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imports(path)}


MODULES = sorted(path for path in LIBRARY.rglob("*.py") if path != LIBRARY / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_a_room_imports_only_rooms_before_it(path: Path) -> None:
    room = room_of(path)
    allowed = set(ORDER[: ORDER.index(room) + 1])
    if room == "data":
        allowed -= {"nn"}
    if room in {"faults", "config", "keys", "results", "catalog"}:
        allowed -= {"nn", "data"}
    assert imported_rooms(path) <= allowed


def test_the_rooms_are_told_in_this_order() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert f"Imports go one way: `{' '.join(ORDER)}`" in text.replace("\n", " ")


def test_the_schema_knows_of_the_data_what_needs_no_numpy() -> None:
    known = {name for name in imports(LIBRARY / "kinds.py") if name.startswith("zoo.")}
    assert known == {"zoo.data.sources.SOURCES", "zoo.data.sources.Source", "zoo.plugins"}


def test_the_mathematics_needs_numpy_and_the_standard_library_alone() -> None:
    for path in (LIBRARY / "nn").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
                top = (module or "").split(".")[0]
                assert top in {"numpy", "zoo"} or top in sys.stdlib_module_names, path


@pytest.mark.parametrize("name", ["zoo.cli", "zoo.registry", "zoo.models"])
def test_the_library_never_names_what_comes_in_through_the_plugin_door(name: str) -> None:
    for path in MODULES:
        tree = ast.parse(path.read_text())
        strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        if (name, room_of(path)) != ("zoo.registry", "folders"):  # there it is the group's name
            assert name not in strings, path
        assert name.removeprefix("zoo.") not in imported_rooms(path), path


def test_nothing_is_ever_unpickled_or_evaluated() -> None:
    forbidden = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names = {alias.name.split(".")[0] for alias in node.names}
                    if isinstance(node, ast.ImportFrom):
                        names = {(node.module or "").split(".")[0]}
                    assert not names & forbidden, path
                if isinstance(node, ast.Call):
                    assert getattr(node.func, "id", None) not in {"eval", "exec"}, path
                    for keyword in node.keywords:
                        danger = keyword.arg in {"allow_pickle", "shell"}
                        value = getattr(keyword.value, "value", None)
                        assert not (danger and value is True), path


def test_the_library_never_prints_and_never_touches_global_random_state() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called != "print", path
                assert not called.startswith(("np.random.seed", "random.")), path


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_found_where_it_is_said_to_be(name: str) -> None:
    module, _, called = COMMANDS[name][0].partition(":")
    assert callable(getattr(import_module(f"zoo.cli.{module}"), called))


def test_the_top_of_the_project_holds_the_five_folders_and_no_other() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"],  # noqa: S607 - git from the path
        capture_output=True,
        check=False,
        text=True,
        cwd=ROOT,
    )
    if tracked.returncode:
        pytest.skip("this is no git checkout")
    folders = {line.split("/")[0] for line in tracked.stdout.splitlines() if "/" in line}
    assert folders == {*FOLDERS, ".ci"}


def test_the_version_is_the_distributions() -> None:
    from importlib.metadata import version

    assert zoo.__version__ == version("numpy-zoo")
