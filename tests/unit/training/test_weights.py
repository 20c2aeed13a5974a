"""Weights files: round trips and damage."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from tests.helpers.entries import recipe
from tests.helpers.unix import unix_only
from zoo.config.plugins import MissingPluginError
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
    """Return a network without two equal numbers."""
    network = build.network(NORMED, build.make_rngs(3))
    network.parameters[:] = np.random.default_rng(4).normal(size=network.parameters.size)
    network.statistics[:] = np.random.default_rng(5).uniform(1, 2, network.statistics.size)
    return network


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "good.safetensors"
    network = trained()
    metadata = weights.WeightsMetadata.of(
        network, NORMED, data=DATA, scores={"train": SCORES["train"]}
    )
    weights.write(path, network, metadata)
    return path


def rewritten(
    good: Path,
    *,
    arrays: Callable[[dict[str, np.ndarray]], None] | None = None,
    facts: Callable[[dict[str, Any]], None] | None = None,
    checksum: bool = True,
) -> bytes:
    """Return a valid safetensors file with changed arrays or metadata."""
    content = good.read_bytes()
    named = load(content)
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    signed = json.loads(header["__metadata__"]["zoo"])
    if arrays:
        arrays(named)
    if facts:
        changed = json.loads(signed["facts"])
        facts(changed)
        signed["facts"] = json.dumps(changed)
        if checksum:
            signed["sha256"] = hashlib.sha256(signed["facts"].encode()).hexdigest()
    return save(named, {"zoo": json.dumps(signed)})


def test_weights_round_trip(good: Path) -> None:
    network, metadata = weights.read(good)
    expected = trained()
    np.testing.assert_array_equal(network.parameters, expected.parameters)
    np.testing.assert_array_equal(network.statistics, expected.statistics)
    assert metadata.entry == NORMED.without_results
    assert (metadata.seed, metadata.data, metadata.scores) == (0, DATA, SCORES)
    assert metadata.fingerprint == weights.digest(expected)[:12]


def test_write_same_bytes(good: Path, tmp_path: Path) -> None:
    """The same network is written as the same bytes."""
    network, metadata = weights.read(good)
    weights.write(tmp_path / "again.safetensors", network, metadata)
    assert (tmp_path / "again.safetensors").read_bytes() == good.read_bytes()


def test_digest() -> None:
    """Equal bits have equal digests, and one changed bit has another digest."""
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
    ("changed", "message"),
    [
        (drop, "b1 is missing"),
        (add, "W9 does not belong to 64-7-10"),
        (widen, r"b1: expected float32 \(7,\) for 64-7-10, got float64 \(7,\)"),
        (reshape, r"W1: expected float32 \(7, 64\) for 64-7-10, got float32 \(64, 7\)"),
        (spoil, "W2 contains NaN or infinite values"),
        (change, "its arrays do not match the digest in its header"),
    ],
)
def test_read_wrong_arrays(
    good: Path, tmp_path: Path, changed: Callable[[dict[str, np.ndarray]], None], message: str
) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(rewritten(good, arrays=changed))
    with pytest.raises(CorruptFileError, match=message):
        weights.read(path)


def huge(facts: dict[str, object]) -> None:
    network = facts["entry"]["network"]  # type: ignore[index]
    network["hidden"] = [2_000_000_000]


def test_read_huge_network(good: Path, tmp_path: Path) -> None:
    """A network larger than its file is an error before it is allocated."""
    path = tmp_path / "bad.safetensors"
    path.write_bytes(rewritten(good, facts=huge))
    with pytest.raises(CorruptFileError, match="more than the file"):
        weights.read(path)


def divided(facts: dict[str, object]) -> None:
    facts["entry"]["preprocess"]["divide"] = 26.0  # type: ignore[index]


def test_read_changed_fact(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(rewritten(good, facts=divided, checksum=False))
    with pytest.raises(CorruptFileError, match="its header does not match its checksum"):
        weights.read(path)


def older(facts: dict[str, object]) -> None:
    del facts["entry"]["weights"]  # type: ignore[attr-defined]


def test_read_older_file(good: Path, tmp_path: Path) -> None:
    """A file without a newer key is read."""
    path = tmp_path / "older.safetensors"
    path.write_bytes(rewritten(good, facts=older))
    assert weights.read(path)[1] == weights.read(good)[1]


@unix_only
def test_read_endless_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "MAX_BYTES", 10_000)
    with pytest.raises(
        CorruptFileError, match="/dev/zero has more than 10,000 bytes, which is the maximum"
    ):
        weights.read(Path("/dev/zero"))


@pytest.mark.parametrize("key", ["entry", "data", "digest", "scores", "format"])
def test_read_missing_fact(good: Path, tmp_path: Path, key: str) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(rewritten(good, facts=lambda facts: facts.update({key: None})))
    with pytest.raises(CorruptFileError, match=rf"its header is damaged \({key}"):
        weights.read(path)


@pytest.mark.parametrize("packages", [{}, {"zoo-swish": "0.1 f00"}, {"zoo-swish": ""}])
def test_read_missing_plugin(good: Path, tmp_path: Path, packages: dict[str, str]) -> None:
    def with_swish(facts: dict[str, Any]) -> None:
        facts["entry"]["network"]["block"] = [{"kind": "dense"}, {"kind": "swish"}]
        facts["packages"] = packages

    path = tmp_path / "swish.safetensors"
    path.write_bytes(rewritten(good, facts=with_swish))
    with pytest.raises(MissingPluginError, match=r"entry\.network\.block\.1\.kind") as caught:
        weights.read(path)
    assert caught.value.exit_code == 2
    assert (caught.value.hint == "Run `pip install zoo-swish`.") == bool(packages)


@pytest.mark.parametrize("key", ["packages", "seed"])
def test_read_missing_plugin_damaged(good: Path, tmp_path: Path, key: str) -> None:
    """A missing plugin is no reason to trust the rest of the header."""

    def damage(facts: dict[str, Any]) -> None:
        facts["entry"]["train"]["optimizer"] = {"kind": "other"}
        facts[key] = {"zoo-swish": 1}

    path = tmp_path / "damaged.safetensors"
    path.write_bytes(rewritten(good, facts=damage))
    with pytest.raises(CorruptFileError, match="its header is damaged"):
        weights.read(path)


def test_read_empty_header(tmp_path: Path) -> None:
    header = b'{"__metadata__":null}'
    path = tmp_path / "other.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(CorruptFileError, match=r"other\.safetensors is not a weights file of zoo"):
        weights.read(path)


def test_read_foreign_file(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(save({"W1": np.zeros(3, np.float32)}))
    with pytest.raises(CorruptFileError, match="its header has no metadata of zoo"):
        weights.read(path)


def test_read_wrong_sha256(good: Path) -> None:
    """A file with another SHA-256 is an error before it is parsed."""
    with pytest.raises(CorruptFileError, match="does not have the SHA-256 of its entry"):
        weights.read(good, sha256="0" * 64)


@given(data=st.data())
def test_read_flipped_byte(good: Path, data: st.DataObject) -> None:
    content = bytearray(good.read_bytes())
    index = data.draw(st.integers(0, len(content) - 1))
    content[index] ^= data.draw(st.integers(1, 255))
    path = written(good, bytes(content))
    try:
        network, metadata = weights.read(path)
    except CorruptFileError:
        return
    assert metadata == weights.read(good)[1]  # a flipped blank in the header changes nothing
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
