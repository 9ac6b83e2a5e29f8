"""Fit the weights by which a message sounds displeased: `python -m bench.fit_tone [--write]`, some minutes.

Two linear support vector machines with squared hinge loss, by dual coordinate descent (Hsieh and others, 2008): one
tells `calm` from the rest, one `strong` from the rest. Where they begin to speak is set on messages of writers whom
they were not fitted to, so that few calm ones alarm; what the product makes of those messages is told. `--score` tells
what it makes of the held-back sets, with the weights in force.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from tqdm import tqdm

from chalicelib.chat import signs, tone
from chalicelib.chat.escalation import mood_by, mood_of
from chalicelib.chat.tone import Tone
from tests.server import ROOT

FILE = ROOT / "chalicelib" / "chat" / "cues" / tone.FILE
MESSAGES = Path(__file__).parent / "tone" / "messages.jsonl"
DATA = ROOT / "tests" / "data"
HELD_BACK = ("frustration_held_back", "tone_plain", "tone_hard", "tone_second")
ALARMED, CALLED = 0.03, 0.005  # shares of calm messages that may be taken for mild, and for strong
PARTIES = 5  # of writers; each is left out once
ROUNDS, LOOSENESS = 15, 0.1
SEEN = 3  # a feature that fewer messages have says nothing
SLIGHT = 0.02  # so is one that weighs less

Machine = dict[str, float]


class Labelled(NamedTuple):
    writer: str
    signs: int
    features: tuple[str, ...]
    label: str


def messages() -> list[Labelled]:
    """All that was written for the fit, and what the open lines of the other sets have that is calm."""
    told = [(str(row["writer"]), row["text"], row["label"]) for row in rows(MESSAGES)]
    told += [("frustration", row["text"], row["label"]) for row in rows(DATA / "frustration.jsonl")]
    for name, text in (("questions", "question"), ("regression", "question"), ("intents", "text")):
        told += [(name, row[text], "calm") for row in rows(DATA / f"{name}.jsonl") if not _left_out(row)]
    return [_labelled(*one) for one in tqdm(told, "reading")]


def _labelled(writer: str, text: str, label: str) -> Labelled:
    found = signs.count(text)
    return Labelled(writer, found, tuple(sorted(tone.features(text, found))), label)


def _left_out(row: dict[str, Any]) -> bool:
    return row["held_back"] or row.get("intent") == "complaint"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def fitted(examples: Sequence[Labelled], wanted: frozenset[str]) -> Machine:
    """Weights whose sum is above 0 where the label is one of `wanted`."""
    common = {name for name, n in Counter(name for one in examples for name in one.features).items() if n >= SEEN}
    known = [[name for name in one.features if name in common] for one in examples]
    sides = [1.0 if one.label in wanted else -1.0 for one in examples]
    weights, duals = dict.fromkeys(common, 0.0), [0.0] * len(examples)
    order, slack = list(range(len(examples))), 1 / (2 * LOOSENESS)
    shuffle = random.Random(1).shuffle
    for _ in range(ROUNDS):
        shuffle(order)
        for n in order:
            short = sides[n] * sum(map(weights.__getitem__, known[n])) - 1 + slack * duals[n]
            moved = max(duals[n] - short / (len(known[n]) + slack), 0.0)
            step, duals[n] = sides[n] * (moved - duals[n]), moved
            for name in known[n] if step else ():
                weights[name] += step
    return weights


def score(machine: Machine, features: Iterable[str]) -> float:
    return sum(machine.get(name, 0.0) for name in features)


def left_out(examples: Sequence[Labelled], wanted: frozenset[str]) -> list[float]:
    """Each message's score by a machine that has seen none of its writer's."""
    writers = sorted({one.writer for one in examples})
    told = [0.0] * len(examples)
    for party in tqdm(range(PARTIES), "/".join(sorted(wanted))):
        away = {*writers[party::PARTIES]}
        machine = fitted([one for one in examples if one.writer not in away], wanted)
        for n, one in enumerate(examples):
            if one.writer in away:
                told[n] = score(machine, one.features)
    return told


def beginning(examples: Sequence[Labelled], scores: Sequence[float], share: float) -> float:
    """The score above which that share of the calm ones is."""
    calm = sorted((s for s, one in zip(scores, examples, strict=True) if one.label == "calm"), reverse=True)
    return calm[int(share * len(calm))]


def tell(name: str, moods: Iterable[tuple[str, str]]) -> None:
    """How many of each label were taken for what."""
    counted = Counter(moods)
    for label in ("calm", "mild", "strong"):
        found = ", ".join(f"{mood} {n}" for (one, mood), n in sorted(counted.items()) if one == label)
        print(f"{name}, {label}: {found}")


def tell_held_back() -> None:
    for name in HELD_BACK:
        tell(name, ((row["label"], mood_of(row["text"])) for row in rows(DATA / f"{name}.jsonl")))


def fit() -> dict[str, tuple[float, float]]:
    examples = messages()
    machines, scores = [], []
    for wanted, share in ((frozenset({"mild", "strong"}), ALARMED), (frozenset({"strong"}), CALLED)):
        told = left_out(examples, wanted)
        begins = beginning(examples, told, share)
        scores.append([one - begins for one in told])
        machine = fitted(examples, wanted)
        machines.append({**machine, "bias": machine["bias"] - begins})
    tones = map(Tone, *scores)
    tell(
        "writers left out", ((one.label, mood_by(heard, one.signs)) for one, heard in zip(examples, tones, strict=True))
    )
    names = sorted(name for name in machines[0] if any(abs(machine[name]) >= SLIGHT for machine in machines))
    return {name: (round(machines[0][name], 3), round(machines[1][name], 3)) for name in names}


def main() -> None:
    takes = argparse.ArgumentParser(description="Fit how displeasure is told.")
    takes.add_argument("--write", action="store_true", help="put the weights in force")
    takes.add_argument("--score", action="store_true", help="only tell what they make of the held-back sets")
    asked = takes.parse_args()
    if asked.score:
        tell_held_back()
        return
    weights = fit()
    print(f"{len(weights)} weights")
    if asked.write:
        lines = ",\n".join(f"{json.dumps(name)}:{msgspec.json.encode(both).decode()}" for name, both in weights.items())
        FILE.write_text(f'{{"by_feature":{{\n{lines}\n}}}}\n', "utf-8")


if __name__ == "__main__":
    main()
