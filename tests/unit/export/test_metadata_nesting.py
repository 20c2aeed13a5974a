"""Metadata of an export that are nested as deeply as a file can be, with right digests."""

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from tests.helpers.models import shipped_model
from zoo.errors import CorruptFileError
from zoo.export import metadata

if TYPE_CHECKING:
    from onnx import ModelProto


@pytest.mark.parametrize("depth", [100, 300, 3000, 100_000])
def test_metadata_deep_nesting(monkeypatch: pytest.MonkeyPatch, depth: int) -> None:
    """Each of the readers has its own limit; all of them end in one sentence."""
    facts = shipped_model("digits-10").facts
    assert facts is not None
    tables = json.loads(facts.model_dump_json())
    config = json.dumps(tables.pop("entry"))
    deep = f'{config[:-1]}, "x": {"[" * depth}{"]" * depth}}}'
    properties = {
        "facts": json.dumps(tables),
        "config": deep,
        "weights_sha256": "right",
        metadata.CHECKSUM_KEY: "right",
    }
    lines = [SimpleNamespace(key=key, value=value) for key, value in properties.items()]
    proto = SimpleNamespace(producer_name=metadata.PRODUCER, metadata_props=lines)
    monkeypatch.setattr(metadata, "weights_digest", lambda _: "right")
    monkeypatch.setattr(metadata, "_digest_without_checksum", lambda _: "right")
    with pytest.raises(CorruptFileError, match=r"^own\.onnx has invalid metadata"):
        metadata.read_metadata(cast("ModelProto", proto), where="own.onnx")
