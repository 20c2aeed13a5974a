"""Files of weights: round trips and damage."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from tests.helpers.entries import recipe
from zoo.errors import CorruptFileError
from zoo.nn.metrics import Score
from zoo.nn.network import Network
from zoo.training import build, weights

NORMED = recipe(
    {"network.block": ["dense", "batch_norm", "relu", {"kind": "dropout", "rate": 0.5}]}
)
DATA = "d" * 64
SCORES = {"train": Score(n=9, accuracy=0.5, loss=1.25)}


def trained() -> Network:
    """Return a network whose every number is another one."""
    network = build.network(NORMED, build.make_rngs(3))
    network.parameters[:] = np.random.default_rng(4).normal(size=network.parameters.size)
    network.statistics[:] = np.random.default_rng(5).uniform(1, 2, network.statistics.size)
    return network


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "good.safetensors"
    network = trained()
    facts = weights.WeightsMetadata.of(
        network, NORMED, data=DATA, scores={"train": SCORES["train"]}
    )
    weights.write(path, network, facts)
    return path


def rewritten(
    good: Path,
    *,
    arrays: Callable[[dict[str, np.ndarray]], None] | None = None,
    facts: Callable[[dict[str, object]], None] | None = None,
    seal: bool = True,
) -> bytes:
    """Return a sound safetensors file whose content was changed by hand."""
    content = good.read_bytes()
    named = load(content)
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    sealed = json.loads(header["__metadata__"]["zoo"])
    if arrays:
        arrays(named)
    if facts:
        known = json.loads(sealed["facts"])
        facts(known)
        sealed["facts"] = json.dumps(known)
        if seal:
            sealed["sha256"] = hashlib.sha256(sealed["facts"].encode()).hexdigest()
    return save(named, {"zoo": json.dumps(sealed)})


def test_weights_round_trip(good: Path) -> None:
    network, facts = weights.read(good)
    expected = trained()
    np.testing.assert_array_equal(network.parameters, expected.parameters)
    np.testing.assert_array_equal(network.statistics, expected.statistics)
    assert facts.entry == NORMED.without_results
    assert (facts.seed, facts.data, facts.scores) == (0, DATA, SCORES)
    assert facts.fingerprint == weights.digest(expected)[:12]


def test_write_same_bytes(good: Path, tmp_path: Path) -> None:
    """The same network is written as the same bytes."""
    network, facts = weights.read(good)
    weights.write(tmp_path / "again.safetensors", network, facts)
    assert (tmp_path / "again.safetensors").read_bytes() == good.read_bytes()


def test_digest() -> None:
    """Equal bits have equal digests, and one changed bit another."""
    network, again = trained(), trained()
    assert weights.digest(network) == weights.digest(again)
    again.parameters[100] = np.nextafter(again.parameters[100], np.float32(1))
    assert weights.digest(network) != weights.digest(again)
    again = trained()
    again.statistics[1] += 1
    assert weights.digest(network) != weights.digest(again)


def drop(arrays: dict[str, np.ndarray]) -> None:
    del arrays["b1"]


def add(arrays: dict[str, np.ndarray]) -> None:
    arrays["W9"] = np.zeros(3, np.float32)


def widen(arrays: dict[str, np.ndarray]) -> None:
    arrays["b1"] = arrays["b1"].astype(np.float64)


def reshape(arrays: dict[str, np.ndarray]) -> None:
    arrays["W1"] = np.ascontiguousarray(arrays["W1"].T)


def spoil(arrays: dict[str, np.ndarray]) -> None:
    arrays["W2"][0, 0] = np.nan


def change(arrays: dict[str, np.ndarray]) -> None:
    arrays["W2"][0, 0] += 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (drop, "b1 is missing"),
        (add, "W9 does not belong to 64-7-10"),
        (widen, r"b1 is float64 \(7,\), and 64-7-10 has float32 \(7,\) there"),
        (reshape, r"W1 is float32 \(64, 7\)"),
        (spoil, "W2 holds numbers that are not finite"),
        (change, "its arrays are not those that its header speaks of"),
    ],
)
def test_read_wrong_arrays(
    good: Path, tmp_path: Path, changed: Callable[[dict[str, np.ndarray]], None], words: str
) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(rewritten(good, arrays=changed))
    with pytest.raises(CorruptFileError, match=words):
        weights.read(path)


def huge(facts: dict[str, object]) -> None:
    network = facts["entry"]["network"]  # type: ignore[index]
    network["hidden"] = [2_000_000_000]


def test_read_huge_network(good: Path, tmp_path: Path) -> None:
    """A header that asks for more than the file holds is refused before it is allocated."""
    path = tmp_path / "bad.safetensors"
    path.write_bytes(rewritten(good, facts=huge))
    with pytest.raises(CorruptFileError, match="more than the file"):
        weights.read(path)


def divided(facts: dict[str, object]) -> None:
    facts["entry"]["preprocess"]["divide"] = 26.0  # type: ignore[index]


def test_read_changed_fact(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(rewritten(good, facts=divided, seal=False))
    with pytest.raises(CorruptFileError, match="its header has changed since it was written"):
        weights.read(path)


def older(facts: dict[str, object]) -> None:
    del facts["entry"]["weights"]  # type: ignore[attr-defined]


def test_read_older_file(good: Path, tmp_path: Path) -> None:
    """A file that was written before a key was known is read."""
    path = tmp_path / "older.safetensors"
    path.write_bytes(rewritten(good, facts=older))
    assert weights.read(path)[1] == weights.read(good)[1]


def test_read_endless_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "CAP", 10_000)
    with pytest.raises(CorruptFileError, match="/dev/zero has more than 10,000 bytes"):
        weights.read(Path("/dev/zero"))


@pytest.mark.parametrize("key", ["entry", "data", "digest", "scores", "format"])
def test_read_missing_fact(good: Path, tmp_path: Path, key: str) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(rewritten(good, facts=lambda facts: facts.update({key: None})))
    with pytest.raises(CorruptFileError, match=rf"its header is damaged \({key}"):
        weights.read(path)


def test_read_empty_header(tmp_path: Path) -> None:
    header = b'{"__metadata__":null}'
    path = tmp_path / "theirs.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(CorruptFileError, match=r"theirs\.safetensors holds no network of zoo"):
        weights.read(path)


def test_read_foreign_file(tmp_path: Path) -> None:
    path = tmp_path / "theirs.safetensors"
    path.write_bytes(save({"W1": np.zeros(3, np.float32)}))
    with pytest.raises(CorruptFileError, match="does not say which network"):
        weights.read(path)


def test_read_wrong_sha256(good: Path) -> None:
    """A file with another digest is refused before it is parsed."""
    with pytest.raises(CorruptFileError, match="has not the SHA-256 that its entry names"):
        weights.read(good, sha256="0" * 64)


@given(data=st.data())
def test_read_flipped_byte(good: Path, data: st.DataObject) -> None:
    content = bytearray(good.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path = written(good, bytes(content))
    try:
        network, facts = weights.read(path)
    except CorruptFileError:
        return
    assert facts == weights.read(good)[1]  # a flipped blank in the header changes nothing
    np.testing.assert_array_equal(network.parameters, trained().parameters)
    np.testing.assert_array_equal(network.statistics, trained().statistics)


@given(length=st.integers(0, 5000))
def test_read_truncated_file(good: Path, length: int) -> None:
    content = good.read_bytes()
    with pytest.raises(CorruptFileError):
        weights.read(written(good, content[: length % len(content)]))


@given(content=st.binary(max_size=300))
def test_read_random_bytes(good: Path, content: bytes) -> None:
    with pytest.raises(CorruptFileError):
        weights.read(written(good, content))


def written(good: Path, content: bytes) -> Path:
    path = good.with_name("changed.safetensors")
    path.write_bytes(content)
    return path
