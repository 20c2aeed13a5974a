"""The READMEs whose blocks need more than the default install: every block runs, in order."""

import shutil
import sys
import venv
from pathlib import Path

import pytest

from tests.helpers import documents, mnist
from tests.helpers.optional import optional
from tests.helpers.paths import ROOT, tracked_files

DOCUMENTS = [
    document
    for document in documents.documents()
    if any(block.needs for block in documents.blocks(document))
]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return the programs of an environment on top of this one, which may have more packages."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    packages = [path for path in sys.path if path.endswith("site-packages")]
    hooks = "".join(f"import site; site.addsitedir({path!r})\n" for path in packages)
    (site / "packages.pth").write_text(hooks)
    for name in ("zoo", "pytest", "dask", "pip"):
        module, function = {
            "zoo": ("zoo.cli", "main"),
            "pytest": ("pytest", "console_main"),
            "dask": ("dask.__main__", "main"),
            "pip": ("pip._internal.cli.main", "main"),
        }[name]
        script = folder / "bin" / name
        script.write_text(
            f"#!{folder}/bin/python\nimport sys\nfrom {module} import {function}\n"
            f'if __name__ == "__main__":\n    sys.exit({function}())\n'
        )
        script.chmod(0o755)
    return folder / "bin"


def check_needs(needs: frozenset[str]) -> None:
    """Skip the test if something is missing; in CI, fail."""
    unknown = needs - {*documents.PACKAGES, *documents.OTHER_NEEDS}
    assert not unknown, f"the words {unknown} are unknown"
    for need in needs & set(documents.PACKAGES):
        for package in documents.PACKAGES[need]:
            optional(package)
    if "mnist" in needs and mnist.FOLDER is None:
        pytest.skip("ZOO_DATA names no folder with MNIST")


@pytest.mark.parametrize("document", DOCUMENTS, ids=documents.name)
def test_document_all_blocks(document: Path, tmp_path: Path, programs: Path) -> None:
    """Every block runs, in order, in one empty folder, or in a clone where it needs one."""
    blocks = documents.blocks(document)
    needs = frozenset().union(*(block.needs for block in blocks))
    check_needs(needs)
    settings = {"ZOO_DATA": str(mnist.folder())} if "mnist" in needs else {}
    folder = tmp_path / "folder"
    if "clone" in needs:
        clone(folder)
        settings["PYTEST_ADDOPTS"] = "--collect-only"  # the tests themselves are what CI runs first
    folder.mkdir(exist_ok=True)
    with documents.session(folder, programs=programs, ZOO_OFFLINE="1", **settings) as session:
        for block in blocks:
            session.run(block)


def clone(folder: Path) -> None:
    """Copy the files under version control."""
    for name in tracked_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
