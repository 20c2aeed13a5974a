"""The catalog of entries: built-in, from plugins, from folders."""

import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.command import zoo, zoo_ok
from tests.helpers.entries import named
from zoo.config.catalog import read_catalog, read_entry
from zoo.errors import ConfigError

BUILTIN = ENTRIES
Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs a plugin package of TOML files into a folder on the path."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site))

    def installed(distribution: str, package: str, **files: str) -> Path:
        metadata = site / f"{distribution.replace('-', '_')}-1.2.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n"
        )
        (metadata / "entry_points.txt").write_text(f"[zoo.registry]\n{distribution} = {package}\n")
        folder = site.joinpath(*package.split("."))
        if files:
            folder.mkdir(parents=True)
            for level in (folder, *folder.parents):
                if site in level.parents:
                    (level / "__init__.py").write_text("raise SystemExit('listing runs no code')\n")
        for name, text in files.items():
            (folder / f"{name}.toml").write_text(text)
        return folder

    return installed


def test_catalog_built_in() -> None:
    catalog = read_catalog()
    assert list(catalog.entries) == BUILTIN
    assert catalog.problems == []
    assert {listed.provider for listed in catalog.entries.values()} == {
        f"numpy-zoo {version('numpy-zoo')}"
    }


def test_catalog_plugin(install: Install) -> None:
    """A plugin's entries are listed in natural order, and none of its code runs."""
    install("a-plugin", "a_plugin", net10=named("net-10"), net9=named("net-9"))
    catalog = read_catalog()
    assert list(catalog.entries) == [*BUILTIN, "net-9", "net-10"]
    assert catalog.entries["net-9"].provider == "a-plugin 1.2"
    assert "a_plugin" not in sys.modules


def test_catalog_metadata_not_utf8(install: Install) -> None:
    """The damaged package is skipped with a warning; the others are listed."""
    folder = install("a-plugin", "a_plugin", net=named("net"))
    install("b-plugin", "b_plugin", fine=named("fine"))
    metadata = folder.parent / "a_plugin-1.2.dist-info" / "METADATA"
    metadata.write_bytes(b"Metadata-Version: 2.1\nName: a-plugin\nAuthor: \xff\n")
    finished = zoo("list", "-q")
    assert finished.stdout.split() == [*BUILTIN, "fine"]
    assert finished.stderr == (
        "zoo: warning: The metadata of the package that provides 'a-plugin' is damaged; "
        "reinstall or uninstall it.\n"
    )


def test_catalog_nested_package(install: Install) -> None:
    install("a-plugin", "a_plugin.inside.entries", net=named("net"))
    assert list(read_catalog().entries) == [*BUILTIN, "net"]
    assert not {name for name in sys.modules if name.startswith("a_plugin")}
    assert zoo_ok("list", "-q").split() == [*BUILTIN, "net"]


def test_catalog_folder_inside_a_package(install: Install) -> None:
    folder = install("a-plugin", "a_plugin.entries", net=named("net"))
    (folder / "__init__.py").unlink()
    assert list(read_catalog().entries) == [*BUILTIN, "net"]


@pytest.mark.parametrize("content", [b"wrong,header\n", b"\xff\xfe"])
def test_catalog_broken_results(install: Install, content: bytes) -> None:
    results = 'results = { package = "a_plugin", file = "results.csv" }\n'
    claim = "claim = { value = 0.9, split = 'train', tolerance = 0.1, quote = '' }\n"
    folder = install("a-plugin", "a_plugin", net=results + claim + named("net"))
    (folder / "results.csv").write_bytes(content)
    finished = zoo("list", "-q")
    assert finished.exit_code == 0
    assert finished.stdout.split() == [*BUILTIN, "net"]
    assert "results.csv" in finished.stderr


def test_catalog_deep_nesting(install: Install) -> None:
    install("a-plugin", "a_plugin", deep="x = " + "[" * 100_000)
    finished = zoo("list", "-q")
    assert finished.stdout.split() == BUILTIN
    assert (
        "deep.toml is not valid TOML: tables or lists are nested more than 50 deep."
        in finished.stderr
    )


def test_catalog_broken_entry(install: Install) -> None:
    folder = install("a-plugin", "a_plugin", broken="name = 3", fine=named("fine"))
    catalog = read_catalog()
    assert list(catalog.entries) == [*BUILTIN, "fine"]
    (problem,) = catalog.problems
    path = folder / "broken.toml"
    assert problem == f"a-plugin 1.2: {path} has 6 problems: run `zoo check {path}`."


def test_catalog_name_taken(install: Install) -> None:
    folder = install("a-plugin", "a_plugin", mine=named("digits-10"))
    catalog = read_catalog()
    assert catalog.entries["digits-10"].provider.startswith("numpy-zoo ")
    (problem,) = catalog.problems
    assert "'digits-10' is taken by numpy-zoo" in problem
    assert f"the entry of a-plugin 1.2 ({folder / 'mine.toml'}) is skipped" in problem


def test_catalog_missing_package(install: Install) -> None:
    install("a-plugin", "not_there")
    catalog = read_catalog()
    assert list(catalog.entries) == BUILTIN
    (problem,) = catalog.problems
    assert problem == (
        "a-plugin 1.2 names the package 'not_there', which does not exist: reinstall it, "
        "or run `pip uninstall a-plugin`."
    )


def test_list_with_a_broken_plugin(install: Install) -> None:
    install("a-plugin", "a_plugin", broken="= 3")
    finished = zoo("list", "--quiet")
    assert finished.exit_code == 0
    assert finished.stdout.split() == BUILTIN
    assert finished.stderr.startswith("zoo: warning: a-plugin 1.2: ")


def test_catalog_own_folders(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("a-plugin", "a_plugin", net=named("net"))
    local, own = tmp_path / "work" / "zoo.d", tmp_path / "settings" / "zoo" / "entries"
    for folder, name in ((local, "local"), (own, "own"), (own, "net")):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.toml").write_text(named(name))
    monkeypatch.chdir(local.parent)
    catalog = read_catalog()
    assert list(catalog.entries) == [*BUILTIN, "net", "local", "own"]
    assert [catalog.entries[name].provider for name in ("local", "own")] == ["zoo.d", str(own)]
    (problem,) = catalog.problems
    assert problem == (
        f"The name 'net' is taken by a-plugin 1.2 ({catalog.entries['net'].path}), "
        f"so the entry of {own} ({own / 'net.toml'}) is skipped: rename it, or choose a plugin "
        "with ZOO_PLUGINS."
    )
    listing = zoo_ok("list", cwd=local.parent).splitlines()
    assert listing[0].split()[-1] == "from"
    assert [line.split()[-1] for line in listing if line.startswith(("local ", "own "))] == [
        "zoo.d",
        str(own),
    ]
    zoo_ok("train", "own", "--data", tmp_path, cwd=tmp_path)


def test_catalog_zoo_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.toml").write_text(named(f"net-{name}"))
    (tmp_path / "zoo.d").mkdir()
    (tmp_path / "zoo.d" / "local.toml").write_text(named("local"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_PATH", f"b:{tmp_path / 'none'}:a")
    catalog = read_catalog()
    assert list(catalog.entries) == [*BUILTIN, "net-b", "net-a"]
    assert catalog.problems == [f"The folder {tmp_path / 'none'} does not exist."]
    monkeypatch.setenv("ZOO_PATH", "")
    assert list(read_catalog().entries) == BUILTIN


def test_unknown_entry_suggestion() -> None:
    finished = zoo("show", "mnist-182")
    assert finished.exit_code == 2
    assert finished.stderr == (
        "zoo: There is no entry named 'mnist-182'.\n     Did you mean 'mnist-128'?\n"
    )


def test_unknown_entry_without_suggestion() -> None:
    finished = zoo("train", "zzz")
    assert finished.exit_code == 2
    assert finished.stderr == (
        "zoo: There is no entry named 'zzz'.\n     Run `zoo list` to see all entries.\n"
    )


def test_read_entry_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml does not exist\."):
        read_entry(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"bytes\.toml could not be read: it is not UTF-8 text"):
        read_entry(tmp_path / "bytes.toml")


def test_show_own_file(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(named("own"))
    assert "64-10-10" in zoo_ok("show", tmp_path / "own.toml")
