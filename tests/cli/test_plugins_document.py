"""zoo/testing/README.md: its examples of kinds, and its table of what a kind receives."""

import re
import tomllib
from pathlib import Path

import pytest

import zoo.testing
from tests.helpers import packages
from tests.helpers.documents import blocks
from tests.helpers.paths import ROOT
from zoo.config.plugin_call import PLUGIN_ARGUMENTS

DOCUMENT = ROOT / "zoo" / "testing" / "README.md"
PAGE = DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.usefixtures("required_runtimes")
def test_plugins_document_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The activation, the layer and the command pass the checks of `zoo plugins check`.

    The data is checked in another process; `pytest tests/integration/test_documents.py` does that.
    """
    texts = {
        named[1]: block.text
        for block in blocks(DOCUMENT)
        if (named := re.match(r"# my-zoo/(?:src/my_zoo/)?([\w.-]+)\n", block.text))
    }
    declared = tomllib.loads(texts.pop("pyproject.toml"))["project"]["entry-points"]
    del declared["zoo.registry"], declared["zoo.kinds"]["data.iris"]
    del declared["zoo.kinds"]["activation.my_zoo_swish"]  # of the package that `zoo init` writes
    groups = {
        group.removeprefix("zoo."): "\n".join(f'"{name}" = "{at}"' for name, at in points.items())
        for group, points in declared.items()
    }
    folder = packages.write(tmp_path, "my-zoo", texts, **groups)
    packages.place(tmp_path / "site", folder)
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("ZOO_PLUGINS", "my-zoo")
    results = {str(result) for result in zoo.testing.run_checks("my-zoo")}
    assert results == {"activation.swish: ok", "layer.prelu: ok", "zoo flowers: ok"}


def test_plugins_document_arguments() -> None:
    """The table has every type with the names that its code may receive."""
    table = PAGE[PAGE.index("## What a kind receives and returns") :].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*)\|", table, flags=re.MULTILINE))
    received = {name: set(re.findall(r"`(\w+)`", cell)) for name, cell in rows.items()}
    described = set(PLUGIN_ARGUMENTS["data"]) - {"locations"}
    assert all(f"`{name}`" in table for name in described)
    received["data"] |= described
    assert received == {name: set(arguments) for name, arguments in PLUGIN_ARGUMENTS.items()}
