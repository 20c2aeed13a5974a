"""The HTML page of a comparison."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.comparisons import DIGITS, ours, own, page
from tests.helpers.entries import recipe
from zoo.analysis import learning_curves, pairwise
from zoo.analysis.baselines import BaselineResult


def test_comparison_numbers() -> None:
    summary = ours()
    text = page([summary])
    assert "Of 1 claim: 1 reproduced, 0 above the claim, 0 below the claim." in text
    assert (
        "claimed 95.40% on test; reached 94.8 ± 1.1% (seeds: 20 recorded); the weights reach 95.56%"
    ) in text
    assert text.count('<line class="ink faint"') == 20
    assert "<td>94.3 to 95.3%</td>" in text
    assert "<td>95.56% checked</td>" in text
    assert "<td>760</td>" in text
    assert "16 of 360 test images are misclassified" in text
    assert text.count("<figure>") == 3
    assert "There is no local run of digits-10" in text
    assert "zoo train digits-10 --seeds 0,1,2," in text
    assert "zoo evaluate digits-10 --split test" in text
    assert "zoo compare a&amp;b" in text
    assert "zoo 1.2, numpy 3.4</td>" in text


def test_comparison_scale() -> None:
    summary = ours()
    assert min(result.accuracy for result in summary.results) == pytest.approx(0.919444)
    text = page([summary])
    # from 91 to 97 %: the claim of 95.4 % lies at 4.4 / 6, its tolerance is 1 % on either side
    assert re.findall(r'middle">(\d+)</text>', text)[:7] == [str(tick) for tick in range(91, 98)]
    assert ">accuracy on the split of the claim, %</text>" in text
    assert '<line class="orange dashed" x1="73.33%"' in text
    assert '<rect class="orange faint" x="56.67%" y="0" width="33.33%"' in text
    assert summary.summary is not None
    assert f'<circle class="blue" cx="{100 * (100 * summary.summary.mean - 91) / 6:.2f}%"' in text


def test_comparison_curve(tmp_path: Path) -> None:
    summary = own(tmp_path, 0, 1)
    text = page([summary])
    curve = learning_curves.curve(summary)
    assert curve is not None
    label = (
        f"Accuracy of digits-7 on test over 3 epochs: {curve.points[0].mean:.1%} at first, "
        f"{curve.points[-1].mean:.1%} at the end"
    )
    assert f'aria-label="{label}"' in text
    _, band = text.split("<polygon")
    assert band.split('"')[3].count(",") == 2 * 3
    assert text.count('class="orange dashed" x1="0.0"') == 1
    assert "zoo compare digits-7.toml --train --seeds 0,1" in text


def test_comparison_pairs_and_baselines(tmp_path: Path) -> None:
    summary, other = ours(), own(tmp_path, 0)
    (pair,) = pairwise.pairs([(summary, other)], {"digits": DIGITS})
    against = [
        BaselineResult(
            "sklearn", "1.2", "digits-10", seed, "test", accuracy, 0.1, 3.0, ("is slower",)
        )
        for seed, accuracy in ((0, 0.9), (1, 0.8))
    ]
    text = page([summary, other], pairs=[pair, pair], baselines={"digits-10": against})
    assert (
        f"only digits-10 {pair.test.only_first:,}, only digits-7 {pair.test.only_second:,}" in text
    )
    assert "as one of 2 pairs (Holm)" in text
    first = pair.differences[0]
    assert f"digits-10: {first.first}, digits-7: {first.second}<br>" in text
    assert f"test image {first.index}, labelled {first.label}</span>" in text
    assert '<th scope="row">network.hidden</th><td>10</td><td>7</td>' in text
    assert "<td>sklearn 1.2</td><td>85.0 ± 7.1% (2)</td><td>test</td><td>3 s</td>" in text
    assert "sklearn: is slower" in text


def test_comparison_without_runs(tmp_path: Path) -> None:
    bare = own(tmp_path, entry=recipe(), name="bare")
    text = page([bare])
    assert "None of these models has both a claim and results." in text
    assert "There are no results yet" in text
    assert text.count("No model could be evaluated") == 3
    for absent in ("Pairs", "Baselines", "<figure>", "<svg", 'class="intervals"'):
        assert absent not in text.split("</style>")[1]
    assert "None: the recipes are the same." in text
    single = page([own(tmp_path, 0)])
    assert "(seeds: 1 here)" in single
    assert 'height="16%"' not in single  # no interval
    assert "--seeds 0," in single


def test_comparison_escapes_names(tmp_path: Path) -> None:
    evil = "<b>&amp;</b>"
    summary = own(tmp_path, 0, 1, name=evil)
    other = replace(ours(), item=replace(ours().item, name='"><script>'))
    (pair,) = pairwise.pairs([(summary, other)], {"digits": DIGITS})
    text = page([summary, other], pairs=[pair])
    body = text.split("</style>")[1]
    assert evil not in body
    assert "<script" not in body
    assert "&lt;b&gt;&amp;amp;&lt;/b&gt;" in body
