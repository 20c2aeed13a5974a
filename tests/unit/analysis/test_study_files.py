"""The best entry and the figure of a study: a file of somebody else is never replaced."""

from pathlib import Path

import pytest

from tests.helpers.digits import digits
from tests.helpers.searches import joined, make_search
from zoo.analysis import studies, study_files
from zoo.errors import ConfigError
from zoo.training import jobs


def test_write_foreign_file(tmp_path: Path) -> None:
    """A file that appears while trials run is kept, and so is one that was edited meanwhile."""
    jobs.register_dataset(digits())
    search = make_search(tmp_path)
    studies.open_or_create(search)
    study = joined(search)
    path = search.folder / "best.toml"
    path.write_text("mine")
    with pytest.raises(ConfigError, match=r"best\.toml was not written by this study"):
        study_files.write(study, search, {"best.toml": b"best"})
    assert path.read_text() == "mine"
    path.unlink()
    study_files.write(study, search, {"best.toml": b"best"})
    study_files.write(study, search, {"best.toml": b"better"})
    assert path.read_bytes() == b"better"
    path.write_text("better, says somebody")
    with pytest.raises(ConfigError, match="or was changed since"):
        study_files.write(study, search, {"best.toml": b"best of all"})
    assert path.read_text() == "better, says somebody"
