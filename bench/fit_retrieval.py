"""Fit the weights of the knowledge search again: `python -m bench.fit_retrieval [--write]`.

Listwise softmax over each question's candidates, weights not below zero, every set counting the same however many
questions it has and the product's two sets a third; then a logistic fit of the confidence on sets of which half the
entries were hidden. Plain gradient descent: some minutes, and the same result each time.
"""

import argparse
import math
import random
from collections.abc import Iterable, Sequence
from operator import mul
from pathlib import Path

from bench import retrieval_sets as sets
from bench.retrieval_sets import Labelled
from chalicelib.knowledge import language, weights
from chalicelib.knowledge.ranking import MEASURES
from chalicelib.knowledge.shelf import Shelf
from chalicelib.knowledge.weights import SIGNS, Weights

FILE = sets.ROOT / "chalicelib" / "knowledge" / weights.FILE
QUESTIONS = 700  # of each set that judge the confidence
PRODUCT_SHARE = 0.33
STEPS, RATE = 120, 0.15
DECAY = 0.003
CONFIDENCE_STEPS = 600
UNKNOWN = -1.5  # set by hand: the fit's -0.5 tells less of what is not there, in both sets that judge it
SCALES = (0.5, 0.02, 0.05, 0.0002, 0.5)  # of the confidence's steps: as small as its signs are large

Rows = list[tuple[float, ...]]
Example = tuple[Rows, list[bool]]


def example(shelf: Shelf, question: str, right: frozenset[str]) -> Example | None:
    """All measures of a question's candidates, and which of them are right; None where no weight could help."""
    asked = shelf.ask(question)
    numbers = shelf.candidates(asked, ())
    good = [shelf.entries[shelf.passages[number].entry].id in right for number in numbers]
    if not any(good) or all(good):
        return None
    return [shelf.measurer.measure(asked, number) for number in numbers], good


def examples(labelled: Labelled) -> list[Example]:
    shelf = shelf_of(labelled, weights.load())
    return list(filter(None, (example(shelf, *question) for question in labelled.questions)))


def shelf_of(labelled: Labelled, fitted: Weights) -> Shelf:
    return Shelf(labelled.entries, labelled.synonyms, language.of(labelled.locale), fitted)


def softmax_fit(groups: Sequence[tuple[float, list[Example]]]) -> tuple[float, ...]:
    """Weights of the measures; `groups` are examples with the share of their set."""
    width = len(MEASURES)
    found, slope, curve = [1.0] * width, [0.0] * width, [0.0] * width
    for step in range(1, STEPS + 1):
        gradient = [DECAY * weight for weight in found]
        for share, group in groups:
            for rows, good in group:
                _add_gradient(gradient, rows, good, found, share / len(group))
        for n, g in enumerate(gradient):  # Adam, kept at or above zero
            slope[n] = 0.9 * slope[n] + 0.1 * g
            curve[n] = 0.99 * curve[n] + 0.01 * g * g
            stride = RATE * (slope[n] / (1 - 0.9**step)) / (math.sqrt(curve[n] / (1 - 0.99**step)) + 1e-9)
            found[n] = max(0.0, found[n] - stride * min(1.0, 2 - 2 * step / STEPS))
    return tuple(found)


def _add_gradient(gradient: list[float], rows: Rows, good: list[bool], found: list[float], share: float) -> None:
    scores = [sum(map(mul, row, found)) for row in rows]
    top = max(scores)
    odds = [math.exp(score - top) for score in scores]
    total, right = sum(odds), sum(o for o, g in zip(odds, good, strict=True) if g)
    for row, o, g in zip(rows, odds, good, strict=True):
        pull = share * (o / total - (o / right if g else 0.0))
        if abs(pull) > 1e-6 * share:
            for n in range(len(found)):
                gradient[n] += pull * row[n]


def fit(open_sets: Sequence[str] = sets.OPEN_SETS) -> Weights:
    """Weights fitted on these open sets and the product's."""
    groups = [(1.0, examples(sets.open_set(name))) for name in open_sets]
    groups.append((PRODUCT_SHARE, [one for fold in sets.seed_folds() for one in examples(fold)]))
    groups.append((PRODUCT_SHARE, examples(sets.regression())))
    measures = softmax_fit(groups)
    *confidence, _ = fit_confidence(open_sets, Weights(measures, ()))
    return Weights(measures, (*confidence, UNKNOWN))


def fit_confidence(open_sets: Sequence[str], ranked: Weights) -> tuple[float, ...]:
    """Logistic weights of the signs that the answer is there, on halves of the sets."""
    halves = [sets.half_hidden(sets.open_set(name)) for name in open_sets]
    halves += [sets.half_hidden(fold, n) for n, fold in enumerate(sets.seed_folds())]
    halves.append(sets.half_hidden(sets.regression()))
    groups = [list(_signs(half, ranked)) for half in halves]
    found = [0.0] * len(SIGNS)
    for _ in range(CONFIDENCE_STEPS):
        gradient = [0.002 * weight for weight in found]
        for group in groups:
            for signs, there in group:
                miss = 1 / (1 + math.exp(-sum(map(mul, signs, found)))) - there
                for n, sign in enumerate(signs):
                    gradient[n] += miss * sign / len(group) / len(groups)
        found = [weight - scale * g for weight, g, scale in zip(found, gradient, SCALES, strict=True)]
    return tuple(found)


def _signs(half: Labelled, ranked: Weights) -> Iterable[tuple[tuple[float, ...], bool]]:
    shelf, kept = shelf_of(half, ranked), {entry.id for entry in half.entries}
    for question, right in random.Random(1).sample(half.questions, min(QUESTIONS, len(half.questions))):
        asked = shelf.ask(question)
        if found := shelf.rank(asked, ()):
            yield shelf.signs(asked, found), bool(right & kept)


def write(fitted: Weights, path: Path = FILE) -> None:
    """The weights in their file, under the words it begins with."""
    told = path.read_text("utf-8").partition("\n[")[0]
    tables = {
        "measures": dict(zip(MEASURES, fitted.measures, strict=True)),
        "confidence": dict(zip(SIGNS, fitted.confidence, strict=True)),
    }
    for name, table in tables.items():
        told += f"\n[{name}]\n" + "".join(f"{key} = {value:.3f}\n" for key, value in table.items())
    path.write_text(told, "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="keep the weights in the product")
    options = parser.parse_args()
    if not sets.there():
        raise SystemExit(f"The open sets are not there: {sets.DATA}")
    fitted = fit()
    print(fitted)
    if options.write:
        write(fitted)
