"""`zoo tune --resume` with journals that were damaged at random."""

from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.command import zoo
from tests.helpers.journal_damage import damaged_journals
from tests.helpers.own_entries import TUNED

EACH = 10  # damaged journals of an example
TRAINS_QUICKLY = TUNED.replace("batch = 16", "batch = 256").replace("epochs = 3", "epochs = 9")
GRID = ("--space", "train.rate=0.1,0.2,0.3", "--sampler", "grid")
TPE = (
    *("--space", "train.rate=log:0.01..1", "--space", "train.batch=100..300"),
    *("--space", "network.hidden=4,5", "--pruner", "halving"),
)


@pytest.mark.parametrize("search", [GRID, TPE], ids=["grid", "tpe"])
def test_tune_damaged_journals(
    search: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A damaged journal is refused with one sentence and stays as it is, or the study goes on."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "own.toml").write_text(TRAINS_QUICKLY)
    command = ("tune", "own.toml", *search, "--jobs", 1, "--study", "study", "--trials")
    journal = folder / "study" / "journal.log"
    done = zoo(*command, 2, cwd=folder)
    assert done.exit_code == 0, done.stderr
    whole = journal.read_bytes()

    @settings(print_blob=True)
    @given(st.integers(0, 2**32))
    def go_on(seed: int) -> None:
        for content in islice(damaged_journals(whole, seed), EACH):
            resume(content)

    def resume(content: bytes) -> None:
        journal.write_bytes(content)
        for name in ("best.toml", "study.svg"):
            (folder / "study" / name).unlink(missing_ok=True)
        result = zoo(*command, 3, "--resume", "--html", "page.html", cwd=folder)
        said = result.stderr.splitlines()
        match result.exit_code:
            case 5:
                assert said[0].startswith(f"zoo: {Path(journal).resolve()} is ")
                assert len(said) == 2
            case 2:
                assert "holds a study of another recipe, space, seeds or data" in said[0]
                assert len(said) == 2
            case code:
                assert code == 0, result.stderr
                assert "(in " not in result.stderr  # a traceback's last line
                return
        assert journal.read_bytes() == content
        assert sum(map(len, said)) < 1000

    go_on()
