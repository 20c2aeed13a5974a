"""`zoo show`: the sections of an entry."""

from pathlib import Path

from tests.helpers.command import zoo_ok
from tests.helpers.entries import named

CLAIM = "claim = { value = 0.97, split = 'train', tolerance = 0.01 }\n"


def test_show_claim_without_an_original(tmp_path: Path) -> None:
    """A claim of one's own has no quote; the command that is printed names the file."""
    (tmp_path / "my net.toml").write_text(CLAIM + named("my-net"))
    lines = zoo_ok("show", "my net.toml", cwd=tmp_path).splitlines()
    claim = lines.index("Claim")
    assert lines[claim + 1] == "  claim: 97% on the train split, tolerance 1%"
    assert "  no recorded result; run zoo train 'my net.toml'" in lines


def test_show_claim_of_an_original() -> None:
    text = zoo_ok("show", "digits-10")
    assert "“Test Accuracy: 95.40%”" in text
    assert "\nClaim\n" not in text
