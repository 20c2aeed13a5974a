"""The front matter of a model card: its metadata for the Hugging Face Hub, as YAML."""

import json
import re
from collections.abc import Iterator

from zoo.config.entry import Entry
from zoo.config.plugins import BUILTIN_DISTRIBUTION
from zoo.data.dataset import combined_digest
from zoo.data.kaggle import stand_in_digest
from zoo.data.pins import MNIST
from zoo.formatting import setting
from zoo.training.weights import WeightsMetadata

HUB_MNIST = "ylecun/mnist"
TAGS = {"digits": "scikit-learn-digits", "mnist": "mnist", "kaggle": "kaggle-digit-recognizer"}
TASK = {"type": "image-classification", "name": "Image classification"}
# JSON leaves these as they are; in YAML they are line breaks or not allowed
UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def front_matter(entry: Entry, facts: WeightsMetadata) -> str:
    """Return the block, from `---` to `---`."""
    kind, title = entry.data.kind, entry.data.source.title
    is_mnist, is_drawn = kind == "mnist", is_stand_in(facts)
    content: dict[str, object] = {
        "license": "mit",
        "library_name": BUILTIN_DISTRIBUTION,
        "pipeline_tag": TASK["type"],
    }
    if is_mnist or is_drawn:
        content["datasets"] = [HUB_MNIST]
    content["metrics"] = ["accuracy"]
    content["tags"] = [
        "numpy",
        "from-scratch",
        "multilayer-perceptron",
        "handwritten-digits",
        TAGS.get(kind, kind),
    ]
    if score := facts.scores.get("test"):
        dataset = {
            "type": HUB_MNIST if is_mnist else TAGS.get(kind, kind),
            "name": f"{title}, replaced by images drawn from MNIST" if is_drawn else title,
            "split": "test",
        }
        metric = {"type": "accuracy", "name": "Accuracy", "value": round(score.accuracy, 6)}
        result = {"task": TASK, "dataset": dataset, "metrics": [metric]}
        content["model-index"] = [{"name": entry.name, "results": [result]}]
    return "\n".join(["---", *_block(content), "---\n"])


def is_stand_in(facts: WeightsMetadata) -> bool:
    """Whether the data is the replacement for Kaggle's file: images drawn from MNIST."""
    return facts.data == stand_in_digest(combined_digest(pinned.sha256 for pinned in MNIST))


def _block(value: object) -> Iterator[str]:
    """Yield the lines of a mapping or a list; a list's items are mappings or scalars."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                yield f"{key}:"
                yield from (f"  {line}" for line in _block(inner))
            else:
                yield f"{key}: {scalar(inner)}"
    elif isinstance(value, list):
        for item in value:
            lines = _block(item) if isinstance(item, dict) else iter([scalar(item)])
            yield f"- {next(lines)}"
            yield from (f"  {line}" for line in lines)


def scalar(value: object) -> str:
    """Return a string or a number as YAML: a string in JSON's quotes, which YAML also reads."""
    if not isinstance(value, str):
        return setting(value)
    quoted = json.dumps(value, ensure_ascii=False)
    return UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
