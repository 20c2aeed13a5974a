"""A card: what a model is, what its README claims, what was reached, what it wants and cannot."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from zoo.analysis.statistics import summarize
from zoo.config.entry import Claim, Entry, Origin, SplitName
from zoo.config.results import Result
from zoo.data.dataset import combined_digest
from zoo.data.kaggle import stand_in_digest
from zoo.data.pins import MNIST
from zoo.formatting import percent
from zoo.training.weights import WeightsMetadata

# what may stand beside a card, and under which heading it stands in it
TITLES = {"chosen": "How the recipe was chosen", "worth": "What the ingredients are worth"}


def tables_of(name: str, folder: Path) -> dict[str, str]:
    """Return the tables of an entry that lie in a folder, by their headings."""
    paths = {title: folder / f"{name}.{kind}.md" for kind, title in TITLES.items()}
    return {
        title: path.read_text(encoding="utf-8") for title, path in paths.items() if path.exists()
    }


def card(
    entry: Entry,
    facts: WeightsMetadata,
    results: Sequence[Result],
    tables: Mapping[str, str] | None = None,
) -> str:
    """Return the card as Markdown; everything in it is read off the arguments.

    `tables` are further sections by their headings, Markdown already.
    """
    sections = "".join(f"## {title}\n\n{text}\n" for title, text in (tables or {}).items())
    shape = entry.architecture
    return f"""# {entry.name}

{entry.summary}
A fully connected network, {shape}, with {entry.parameters:,} parameters, trained from scratch
with NumPy.
{_variant(entry)}
```
zoo predict {entry.name} digit.png
zoo evaluate {entry.name}
zoo export {entry.name} --onnx
```
{_claimed(entry.claim, entry.origin) if entry.claim and entry.origin else ""}
{_reached(entry, results)}
{sections}## These weights

Seed {facts.seed}: of {len(results)} seeds, sorted by accuracy on the {entry.selection_split} split,
it is number {(len(results) + 1) // 2}, the one in the middle. The test split had no part in it.

| split | pictures | accuracy | loss |
|---|---:|---:|---:|
{_scores(facts)}

| file | what it holds |
|---|---|
| `{entry.name}.safetensors` | the weights and the recipe; fingerprint `{facts.fingerprint}` |
| `{entry.name}.onnx` | the network for any runtime, the scaling of pixels inside |
| `{entry.name}.json` | how that was verified; three pictures and their answers |

## What the picture must look like

{entry.data.source.appearance}
`zoo predict` brings pictures of any kind to this form; whoever uses the files by other means must
do it before.

## Data and licences

Trained on {entry.data.source.title} ({entry.data.source.licence}){_stand_in(facts)}.
SHA-256 of the data: `{facts.data}`.
The weights are MIT, as zoo is.

## Known limits

- {_mistakes(entry, facts)}
- It knows ten digits and nothing else: a letter, a face or a scribble is answered with a digit,
  often with a high probability.
- It knows one digit to a picture; a number of several digits has to be cut up before.
- Its probabilities are those of the softmax, and nothing was done to calibrate them;
  `zoo evaluate {entry.name}` shows how far they can be believed.
"""


def _variant(entry: Entry) -> str:
    name = entry.variant_of
    return f"The architecture of [{name}]({name}.md), trained otherwise.\n" if name else ""


def _claimed(claim: Claim, origin: Origin) -> str:
    title = f"[{origin.title}]({origin.url})" if origin.url else f"“{origin.title}”"
    by = "" if origin.author == "not named" else f" by {origin.author}"
    return f"""
## The README's claim

> {claim.quote}

{title}{by}; licence: {origin.licence}.
Judged on the {claim.split} split: {percent(claim.value, " %")}, give or take
{percent(claim.tolerance, " %")}.
"""


def _reached(entry: Entry, results: Sequence[Result]) -> str:
    summary = summarize([result.accuracy for result in results])
    if not summary:
        return ""
    spread = "" if summary.sd is None else f" ± {100 * summary.sd:.2f}"
    verdict = f": **{entry.claim.verdict(summary.mean)}**" if entry.claim else ""
    return f"""## What was {"reproduced" if entry.claim else "reached"}

{100 * summary.mean:.2f}{spread} % on {entry.evaluation_split}, mean and standard deviation over
{summary.n} seeds{verdict}.
What every seed reached there stands in [results.csv](results.csv). Again:

```
zoo train {entry.name} --seeds {summary.n}
```
"""


def _scores(facts: WeightsMetadata) -> str:
    return "\n".join(
        f"| {name} | {score.n:,} | {percent(score.accuracy, ' %')} | {score.loss:.4f} |"
        for name, score in facts.scores.items()
    )


def _stand_in(facts: WeightsMetadata) -> str:
    """Return what was taken for Kaggle's file, if that was not at hand."""
    mnist = combined_digest(pinned.sha256 for pinned in MNIST)
    drawn = facts.data == stand_in_digest(mnist)
    return ", or rather its stand-in,\n42,000 pictures drawn from MNIST" if drawn else ""


def _mistakes(entry: Entry, facts: WeightsMetadata) -> str:
    split: SplitName = "test" if "test" in facts.scores else entry.selection_split
    score = facts.scores[split]
    wrong = score.n - round(score.accuracy * score.n)
    return f"It misread {wrong:,} of the {score.n:,} pictures of its {split} split."
