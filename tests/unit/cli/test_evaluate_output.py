"""The output of `zoo evaluate`."""

from io import StringIO

import pytest
from rich.console import Console
from zoo.cli.output import evaluate

from tests.helpers.stub_model import Stub, dataset, facts
from zoo.analysis.evaluate import EvaluationReport, evaluate_model
from zoo.nn.metrics import Score

CLAIM = {"value": 0.95, "split": "test", "tolerance": 0.01, "quote": "95 %"}


def printed(renderable: object, *, width: int = 80, **settings: object) -> list[str]:
    text = StringIO()
    Console(file=text, width=width, highlight=False, **settings).print(renderable)  # type: ignore[arg-type]
    return [line.rstrip() for line in text.getvalue().splitlines()]


@pytest.fixture(autouse=True)
def _80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def page(evaluated: EvaluationReport, changes: dict[str, object]) -> list[str]:
    return str(evaluate.evaluation_result(evaluated, changes, None).text("table")).splitlines()


def report(changes: dict[str, object] | None = None, **scores: Score) -> EvaluationReport:
    return evaluate_model(Stub(facts(changes, **scores)), dataset())


def test_evaluate_output_page() -> None:
    evaluated = report(
        {"claim": CLAIM | {"split": "train"}}, train=Score(n=4, accuracy=0.5, loss=2.0)
    )
    assert evaluated.facts is not None
    assert page(evaluated, {"train.rate": 0.2}) == [
        f"model     stub, 64-7-10, weights {evaluated.facts.fingerprint}",
        "changed   train.rate 0.2: no longer the recipe of the claim",
        "data      four by hand",
        "split     train, 4 images (there is no labelled test split, and the claim is",
        "          about this one)",
        "accuracy  50.00% (15.00% to 85.00%, 95% interval), as recorded",
        "claim     95% on train: below the claim",
        "loss      2.0472",
        "ECE       20.00%, the expected calibration error",
        "",
        "Each digit",
        "digit images precision recall    F1",
        "0          1         -   0.0%  0.0%",
        "1          1     50.0% 100.0% 66.7%",
        "2          0      0.0%      -  0.0%",
        "3          0         -      -     -",
        "4          0         -      -     -",
        "5          0         -      -     -",
        "6          0         -      -     -",
        "7          2    100.0%  50.0% 66.7%",
        "8          0         -      -     -",
        "9          0         -      -     -",
        "",
        "Confusion: rows are labels, columns are predictions",
        "  0 1 2 3 4 5 6 7 8 9",
        "0 · · 1 · · · · · · ·",
        "1 · 1 · · · · · · · ·",
        "2 · · · · · · · · · ·",
        "3 · · · · · · · · · ·",
        "4 · · · · · · · · · ·",
        "5 · · · · · · · · · ·",
        "6 · · · · · · · · · ·",
        "7 · 1 · · · · · 1 · ·",
        "8 · · · · · · · · · ·",
        "9 · · · · · · · · · ·",
    ]


@pytest.mark.parametrize(
    ("recorded", "text"),
    [
        (None, "50.00% (15.00% to 85.00%, 95% interval)"),
        (0.5, "50.00% (15.00% to 85.00%, 95% interval), as recorded"),
        (0.75, "50.00% (15.00% to 85.00%, 95% interval); recorded: 75.00%, differs"),
    ],
)
def test_evaluate_output_accuracy_beside_the_record(recorded: float | None, text: str) -> None:
    evaluated = report()
    if recorded is not None:
        evaluated = report(train=Score(n=4, accuracy=recorded, loss=2.0))
    assert evaluate.accuracy_words(evaluated) == text


def test_evaluate_output_claim_of_another_split() -> None:
    evaluated = evaluate_model(
        Stub(facts({"data.split.test": 2, "claim": CLAIM})), dataset(), split="train"
    )
    assert "claim     95% on test: evaluate it with `--split test`" in page(evaluated, {})


def test_evaluate_output_without_facts() -> None:
    lines = page(evaluate_model(Stub(name="a\x1b[2J"), dataset()), {})
    assert lines[0] == "model     a\\x1b[2J"  # control characters are escaped
    assert [line.split()[0] for line in lines[1:7]] == [
        "data", "split", "some", "accuracy", "loss", "ECE",
    ]  # fmt: skip


def shown(width: int, *, colour: bool, number: int = 2) -> list[str]:
    evaluated = report()
    mistakes = evaluated.evaluation.mistakes[:number]
    renderable = evaluate.mistakes(evaluated, mistakes, colour=colour, width=width)
    return printed(renderable, width=width)


def test_evaluate_output_mistakes_side_by_side() -> None:
    # the stub's two pixels are 2 and 81, or 1 and 9, of 16: 9 is character 5.06 of the ramp
    assert shown(80, colour=True)[:5] == [
        "",
        "The worst 2 of 2 mistakes",
        "0 read as 2, 90.0%   7 read as 1, 50.0%",
        "train:1              train:2",
        "▀" * 16 + "     " + "▀" * 16,
    ]
    assert len(shown(80, colour=True)) == 4 + 8


def test_evaluate_output_mistakes_in_a_narrow_terminal() -> None:
    lines = shown(38, colour=True)
    assert lines[2:4] == ["0 read as 2, 90.0%", "train:1"]
    assert lines[12:15] == ["", "7 read as 1, 50.0%", "train:2"]
    assert max(map(len, lines)) <= 38


def test_evaluate_output_number_of_mistakes() -> None:
    assert shown(80, colour=True, number=1)[1] == "The worst 1 of 2 mistakes"
    assert shown(80, colour=True, number=0)[1:] == ["No mistakes"]


def test_evaluate_output_mistakes_without_colour() -> None:
    evaluated = evaluate_model(Stub(facts()), dataset())
    renderable = evaluate.mistakes(
        evaluated, evaluated.evaluation.mistakes[1:], colour=False, width=80
    )
    assert printed(renderable)[2:5] == ["7 read as 1, 50.0%", "train:2", "..++"]


def test_evaluate_output_json() -> None:
    evaluated = report(
        {"claim": CLAIM | {"split": "train"}}, train=Score(n=4, accuracy=0.75, loss=2.0)
    )
    result = evaluate.facts(evaluated, {}, evaluated.evaluation.mistakes[:1])
    assert list(result) == [
        "name", "model", "split", "n", "accuracy", "low", "high", "loss", "calibration_error",
        "classes", "per_class", "confusion", "changes", "claim", "recorded", "data",
        "fingerprint", "mistakes",
    ]  # fmt: skip
    assert (result["model"], result["split"], result["n"], result["accuracy"]) == (
        "stub",
        "train",
        4,
        0.5,
    )
    assert result["per_class"][7] == {
        "label": 7, "precision": 1.0, "recall": 0.5, "f1": 2 / 3, "n": 2, "answered": 1,
    }  # fmt: skip
    assert [len(row) for row in result["confusion"]] == [10] * 10
    assert result["claim"] == {"value": 0.95, "split": "train", "verdict": "missed"}
    assert result["recorded"] == {"n": 4, "accuracy": 0.75, "loss": 2.0, "differs": True}
    assert result["data"] == {
        "kind": "digits", "source": "four by hand", "digest": "d" * 64, "trained_on": True,
    }  # fmt: skip
    (worst,) = result["mistakes"]
    assert (worst["index"], worst["label"], worst["answer"]) == (3, 0, 2)
    assert worst["probability"] == worst["probabilities"][2] == pytest.approx(0.9)


def test_evaluate_output_rows() -> None:
    """The rows of CSV and JSON Lines are the classes."""
    rows = evaluate.evaluation_result(report(), {}, None).objects()
    assert [row["label"] for row in rows] == list(range(10))
    assert rows[7] == {
        "name": "stub", "split": "train", "label": 7,
        "precision": 1.0, "recall": 0.5, "f1": 2 / 3, "n": 2, "answered": 1,
    }  # fmt: skip


def test_evaluate_output_markdown() -> None:
    evaluated = report()
    mistakes = evaluated.evaluation.mistakes[:1]
    text = evaluate.evaluation_result(evaluated, {}, mistakes).text("md")
    assert "| accuracy | 50.00% (15.00% to 85.00%, 95% interval) |" in text
    assert "| 7 | 2 | 100.0% | 50.0% | 66.7% |" in text
    assert "| 7 | · | 1 | · | · | · | · | · | 1 | · | · |" in text
    assert "### The worst 1 of 2 mistakes" in text
    assert "| 0 read as 2, 90.0% | train:1 |" in text


def test_evaluate_output_json_without_facts() -> None:
    result = evaluate.facts(evaluate_model(Stub(), dataset()), {}, None)
    assert "mistakes" not in result
    assert (result["claim"], result["recorded"], result["fingerprint"]) == (None, None, None)
    assert result["data"]["trained_on"] is None
