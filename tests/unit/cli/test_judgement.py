"""The output of `zoo evaluate`."""

from io import StringIO

import pytest
from rich.console import Console
from zoo.cli.output import evaluate

from tests.helpers.stub_model import Stub, dataset, facts
from zoo.analysis.evaluate import EvaluationReport, evaluate_model
from zoo.nn.metrics import Score

CLAIM = {"value": 0.95, "split": "test", "tolerance": 0.01, "quote": "95 %"}


def printed(made: object, *, width: int = 80, **settings: object) -> list[str]:
    text = StringIO()
    Console(file=text, width=width, highlight=False, **settings).print(made)  # type: ignore[arg-type]
    return [line.rstrip() for line in text.getvalue().splitlines()]


def judged(changes: dict[str, object] | None = None, **scores: Score) -> EvaluationReport:
    return evaluate_model(Stub(facts(changes, **scores)), dataset())


def test_judgement_page() -> None:
    known = judged({"claim": CLAIM | {"split": "train"}}, train=Score(n=4, accuracy=0.5, loss=2.0))
    assert known.facts is not None
    assert printed(evaluate.page(known, {"train.rate": 0.2})) == [
        f"model     stub, 64-7-10, weights {known.facts.fingerprint}",
        "changed   train.rate 0.2: this is not the entry's recipe any more",
        "data      four by hand",
        "split     train, 4 pictures (there is no labelled test split, and the claim is",
        "          about this one)",
        "accuracy  50.00% (15.00% to 85.00%, 95% interval), as recorded",
        "README    95% on train: missed",
        "loss      2.0472",
        "sureness  off by 20.00% on average (expected calibration error)",
        "",
        "Each digit",
        "  digit pictures precision recall    F1",
        "  0            1         -   0.0%  0.0%",
        "  1            1     50.0% 100.0% 66.7%",
        "  2            0      0.0%      -  0.0%",
        "  3            0         -      -     -",
        "  4            0         -      -     -",
        "  5            0         -      -     -",
        "  6            0         -      -     -",
        "  7            2    100.0%  50.0% 66.7%",
        "  8            0         -      -     -",
        "  9            0         -      -     -",
        "",
        "Confusion: a row is the truth, a column the answer",
        "       0    1    2    3    4    5    6    7    8    9",
        "  0    ·    ·    1    ·    ·    ·    ·    ·    ·    ·",
        "  1    ·    1    ·    ·    ·    ·    ·    ·    ·    ·",
        "  2    ·    ·    ·    ·    ·    ·    ·    ·    ·    ·",
        "  3    ·    ·    ·    ·    ·    ·    ·    ·    ·    ·",
        "  4    ·    ·    ·    ·    ·    ·    ·    ·    ·    ·",
        "  5    ·    ·    ·    ·    ·    ·    ·    ·    ·    ·",
        "  6    ·    ·    ·    ·    ·    ·    ·    ·    ·    ·",
        "  7    ·    1    ·    ·    ·    ·    ·    1    ·    ·",
        "  8    ·    ·    ·    ·    ·    ·    ·    ·    ·    ·",
        "  9    ·    ·    ·    ·    ·    ·    ·    ·    ·    ·",
    ]


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        (None, "50.00% (15.00% to 85.00%, 95% interval)"),
        (0.5, "50.00% (15.00% to 85.00%, 95% interval), as recorded"),
        (0.75, "50.00% (15.00% to 85.00%, 95% interval); recorded: 75.00%, differs"),
    ],
)
def test_judgement_accuracy_beside_the_record(recorded: float | None, words: str) -> None:
    known = judged()
    if recorded is not None:
        known = judged(train=Score(n=4, accuracy=recorded, loss=2.0))
    assert evaluate.accuracy_words(known) == words


def test_judgement_claim_of_another_split() -> None:
    known = evaluate_model(
        Stub(facts({"data.split.test": 2, "claim": CLAIM})), dataset(), split="train"
    )
    assert "README    95% on test: `--split test` judges it" in printed(evaluate.page(known, {}))


def test_judgement_without_facts() -> None:
    lines = printed(evaluate.page(evaluate_model(Stub(name="a\x1b[2J"), dataset()), {}))
    assert lines[0] == "model     a\\x1b[2J"  # and nobody's name moves the cursor
    assert [line.split()[0] for line in lines[1:7]] == [
        "data", "split", "on", "accuracy", "loss", "sureness",
    ]  # fmt: skip


def shown(width: int, *, colour: bool, number: int = 2) -> list[str]:
    known = judged()
    mistakes = known.evaluation.mistakes[:number]
    made = evaluate.mistakes(known, mistakes, colour=colour, width=width)
    return printed(made, width=width)


def test_judgement_mistakes_side_by_side() -> None:
    # the stub's two pixels are 2 and 81, or 1 and 9, of 16: the latter is letter 5.06 of the ramp
    assert shown(80, colour=True)[:5] == [
        "",
        "The worst 2 of 2 mistakes",
        "0 read as 2, 90.0%   7 read as 1, 50.0%",
        "train picture 3      train picture 1",
        "▀" * 16 + "     " + "▀" * 16,
    ]
    assert len(shown(80, colour=True)) == 4 + 8


def test_judgement_mistakes_in_a_narrow_terminal() -> None:
    lines = shown(38, colour=True)
    assert lines[2:4] == ["0 read as 2, 90.0%", "train picture 3"]
    assert lines[12:15] == ["", "7 read as 1, 50.0%", "train picture 1"]
    assert max(map(len, lines)) <= 38


def test_judgement_number_of_mistakes() -> None:
    assert shown(80, colour=True, number=1)[1] == "The worst 1 of 2 mistakes"
    assert shown(80, colour=True, number=0)[1:] == ["No mistake"]


def test_judgement_mistakes_without_colour() -> None:
    known = evaluate_model(Stub(facts()), dataset())
    made = evaluate.mistakes(known, known.evaluation.mistakes[1:], colour=False, width=80)
    assert printed(made)[2:5] == ["7 read as 1, 50.0%", "train picture 1", "..++"]


def test_judgement_json() -> None:
    known = judged({"claim": CLAIM | {"split": "train"}}, train=Score(n=4, accuracy=0.75, loss=2.0))
    told = evaluate.facts(known, {}, known.evaluation.mistakes[:1])
    assert list(told) == [
        "model", "split", "n", "accuracy", "low", "high", "loss", "calibration_error", "classes",
        "per_class", "confusion", "changes", "claim", "recorded", "data", "fingerprint", "mistakes",
    ]  # fmt: skip
    assert (told["model"], told["split"], told["n"], told["accuracy"]) == ("stub", "train", 4, 0.5)
    assert told["per_class"][7] == {
        "label": 7, "precision": 1.0, "recall": 0.5, "f1": 2 / 3, "n": 2, "answered": 1,
    }  # fmt: skip
    assert [len(row) for row in told["confusion"]] == [10] * 10
    assert told["claim"] == {"value": 0.95, "split": "train", "verdict": "missed"}
    assert told["recorded"] == {"n": 4, "accuracy": 0.75, "loss": 2.0, "differs": True}
    assert told["data"] == {
        "kind": "digits", "source": "four by hand", "digest": "d" * 64, "trained_on": True,
    }  # fmt: skip
    (worst,) = told["mistakes"]
    assert (worst["index"], worst["label"], worst["answer"]) == (3, 0, 2)
    assert worst["probability"] == worst["probabilities"][2] == pytest.approx(0.9)


def test_judgement_json_without_facts() -> None:
    told = evaluate.facts(evaluate_model(Stub(), dataset()), {}, None)
    assert "mistakes" not in told
    assert (told["claim"], told["recorded"], told["fingerprint"]) == (None, None, None)
    assert told["data"]["trained_on"] is None
