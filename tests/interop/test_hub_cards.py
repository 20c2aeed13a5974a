"""Model cards in the parser of the Hugging Face Hub."""

import pytest

from tests.helpers import builtin_entries, front_matter
from tests.helpers.optional import optional
from tests.helpers.shipped import built_in, folder, shipped
from zoo.report.front_matter import scalar


@pytest.mark.parametrize("name", builtin_entries.ENTRIES)
def test_hub_card(name: str) -> None:
    """The Hub reads the metadata, and the accuracy of the shipped weights on test."""
    hub = optional("huggingface_hub")
    path = folder() / f"{name}.md"
    metadata = hub.metadata_load(path)
    assert metadata == front_matter.parse(path.read_text(encoding="utf-8"))
    card = hub.ModelCard.load(path)
    assert (card.data.license, card.data.library_name) == ("mit", "numpy-zoo")
    assert card.data.pipeline_tag == "image-classification"
    assert card.text.strip().startswith(f"# {name}\n")
    (result,) = card.data.eval_results
    assert (card.data.model_name, result.task_type) == (name, "image-classification")
    assert (result.metric_type, result.dataset_split) == ("accuracy", "test")
    accuracy = shipped(built_in()[name].entry).facts.scores["test"].accuracy
    assert result.metric_value == pytest.approx(accuracy, abs=1e-6)
    assert card.data.to_dict()["model-index"] == metadata["model-index"]
    read = optional("huggingface_hub.repocard_data").model_index_to_eval_results
    assert read(metadata["model-index"]) == (name, [result])


@pytest.mark.parametrize(
    "value", ["a: b # 'c'", 'say "no"\n', "Zo\u00eb \U0001f600", "\x7f\x85\u2028\ufeff", 0.00001, 3]
)
def test_hub_scalar(value: object) -> None:
    """PyYAML, the parser of the Hub's library, reads a value as it was."""
    assert optional("yaml").safe_load(f"key: {scalar(value)}") == {"key": value}
