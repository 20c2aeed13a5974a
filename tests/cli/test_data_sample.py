"""`zoo data sample`: images to begin with."""

import json
from pathlib import Path

from tests.helpers.command import zoo, zoo_ok

NAMES = [*(f"{digit}.png" for digit in range(10)), "page.jpg"]


def test_data_sample(tmp_path: Path) -> None:
    """The images are in ./samples, and the command that is printed reads all of them."""
    *paths, last = zoo_ok("data", "sample", cwd=tmp_path).splitlines()
    assert paths == [f"samples/{name}" for name in NAMES]
    assert last == "next     zoo predict mnist-128-best samples/"
    labels = zoo_ok(*last.split()[2:], "-q", cwd=tmp_path).split()
    assert labels == [*map(str, range(10)), "2"]


def test_data_sample_twice(tmp_path: Path) -> None:
    """The same images are left as they are; a missing one is written again."""
    zoo_ok("data", "sample", "mine", cwd=tmp_path)
    before = (tmp_path / "mine" / "0.png").stat().st_ino
    (tmp_path / "mine" / "1.png").unlink()
    zoo_ok("data", "sample", "mine", cwd=tmp_path)
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == NAMES
    assert (tmp_path / "mine" / "0.png").stat().st_ino == before


def test_data_sample_never_overwrites(tmp_path: Path) -> None:
    """A file of the user is kept, and nothing is written beside it."""
    (tmp_path / "samples").mkdir()
    mine = tmp_path / "samples" / "3.png"
    mine.write_bytes(b"mine")
    done = zoo("data", "sample", cwd=tmp_path)
    assert done.exit_code == 2
    assert done.stderr == (
        "zoo: samples/3.png already exists and is not the sample; nothing was written.\n"
        "     Choose another folder: `zoo data sample DIR`.\n"
    )
    assert mine.read_bytes() == b"mine"
    assert list(mine.parent.iterdir()) == [mine]


def test_data_sample_dry_run(tmp_path: Path) -> None:
    shown = json.loads(zoo_ok("data", "sample", "-n", "--json", cwd=tmp_path))
    assert [file["name"] for file in shown] == NAMES
    assert {"name": "0.png", "path": "samples/0.png"} in shown
    assert list(tmp_path.iterdir()) == []


def test_data_sample_quiet(tmp_path: Path) -> None:
    """The paths are printed, so that a shell can hand them on."""
    assert zoo_ok("data", "sample", "-q", cwd=tmp_path).split() == [f"samples/{n}" for n in NAMES]


def test_data_sample_where_a_file_is(tmp_path: Path) -> None:
    """A file in the place of the folder is an error, without a traceback."""
    (tmp_path / "samples").write_bytes(b"mine")
    done = zoo("data", "sample", cwd=tmp_path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("zoo: samples/")
