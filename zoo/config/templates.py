"""Templates of new entries and plugin packages."""

from collections.abc import Sequence
from keyword import iskeyword
from pathlib import Path
from string import Template

from zoo.config.commented_toml import Setting, commented, printable
from zoo.config.load import check_name, parse
from zoo.config.packages import files_of
from zoo.config.toml_edit import edit
from zoo.errors import ConfigError
from zoo.system.commands import quote

FOLDER = Path(__file__).parent / "template_files"

# the keys that are valid for the original only
ORIGINAL_KEYS = {"origin", "claim", "results", "weights", "variant_of"}

PLUGIN_FILES = {  # by their paths in the new package
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "src/{package}/__init__.py": "__init__.py",
    "src/{package}/kinds.py": "kinds.py",
    "src/{package}/{name}-net.toml": "net.toml",
    "tests/test_conformance.py": "test_conformance.py",
}


def new_entry(name: str) -> str:
    """Return the TOML of an entry that trains as it is, with a comment on every key."""
    return _render("entry.toml", name=name)


def data_entry(*, split: Sequence[Setting], **sections: Sequence[Setting]) -> str:
    """Return the TOML of an entry for the user's data, given the settings of its sections."""
    header = "\n[data.split]  # shuffled; without a seed, by the seed of each run\n"
    return _render(
        "data_entry.toml",
        split=f"{header}{commented(split)}\n" if split else "",
        **{name: commented(settings) for name, settings in sections.items()},
    )


def data_header(path: Path, title: str) -> str:
    """Return the comment above an entry in this file for the user's data."""
    return _render("data_header.toml", file=printable(quote(str(path))), title=printable(title))


def copy_entry(text: str, name: str) -> str:
    """Return an entry's TOML under another name, with its comments and without its claim."""
    tables = parse(text, where="the original")
    header = _render("copied_entry.toml", name=name, original=tables["name"])
    recipe = {key: value for key, value in tables.items() if key not in ORIGINAL_KEYS}
    if "summary" in recipe:
        recipe["summary"] = f"A copy of {tables['name']}, to be changed."
    return header + edit(text, recipe | {"name": name}).lstrip()


def plugin_package(name: str) -> dict[str, str]:
    """Return the files of a plugin package of this name, by their paths.

    The package installs, and passes its own tests.
    """
    check_name(name)
    package = name.replace("-", "_").replace(".", "_")
    if not package.isidentifier() or iskeyword(package):
        raise ConfigError(f"Invalid package name; expected a name such as my-zoo, got {name!r}.")
    if files_of(package):
        raise ConfigError(f"A package named {package!r} is already installed.")
    return {
        path.format(name=name, package=package): _render(
            f"plugin/{template}", name=name, package=package
        )
        for path, template in PLUGIN_FILES.items()
    }


def _render(template: str, **values: str) -> str:
    text = (FOLDER / f"{template}.template").read_text(encoding="utf-8")
    return Template(text).substitute(values)
