"""The model card in a bundle: the one beside the weights, or a short one."""

import re
from pathlib import Path

from zoo.config.catalog import read_catalog
from zoo.config.packages import folder_of
from zoo.files import read_bounded
from zoo.formatting import percent
from zoo.markdown import inline, paragraph, row
from zoo.training.model import Model

MAX_BYTES = 1_000_000  # of a card
FRONT_MATTER = re.compile(r"\A---\n.*?^---\n+", re.DOTALL | re.MULTILINE)


def card_of(model: Model) -> str:
    """Return the card with these weights' fingerprint, or a short one from their metadata.

    The front matter is left out: it is for the Hugging Face Hub, and `--card` prints a card.
    """
    listing = read_catalog().entries.get(model.entry.name)
    weights = listing.entry.weights if listing else None
    folder = folder_of(weights.package) if weights else None
    if weights and folder:
        path = Path(folder / weights.file).with_suffix(".md")
        if path.exists():
            text = read_bounded(path, MAX_BYTES).decode()
            if model.facts.fingerprint in text:
                return FRONT_MATTER.sub("", text)
    return _short_card(model)


def _short_card(model: Model) -> str:
    entry, facts, source = model.entry, model.facts, model.source
    scores = "".join(
        row([name, f"{score.n:,}", percent(score.accuracy)]) for name, score in facts.scores.items()
    )
    origin = entry.origin
    original = f"Original: {origin.title}; licence: {origin.licence}.\n" if origin else ""
    shape, parameters = inline(entry.architecture), entry.parameters_text
    return f"""# {inline(model.name)}

{paragraph(entry.summary)}
A fully connected network, {shape}, with {parameters} parameters, trained by
zoo {inline(facts.zoo)} as {entry.name} with seed {facts.seed}; fingerprint of the weights
`{facts.fingerprint}`.

{row(["split", f"{source.noun}s", "accuracy"])}|---|---:|---:|
{scores}
{paragraph(source.appearance)}
Trained on {inline(f"{source.title} ({source.licence}). {original}")}
"""
