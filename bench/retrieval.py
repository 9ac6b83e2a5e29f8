"""How well and how fast the knowledge search finds: `python -m bench.retrieval [--write] [--left-out]
[--held-back]`.

Recall on open sets beside plain tantivy and plain BM25 (with a paired bootstrap), without accents, with one typo a
question, and over REST; whether the confidence tells what is not there; time and memory at 10,000 entries.
`--left-out` fits the weights anew without each set in turn (some minutes).
"""

import argparse
import random
import resource
import statistics
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence

from bench import retrieval_sets as sets
from bench.baselines import bm25, plain_tantivy
from bench.retrieval_rest import through_rest
from bench.retrieval_sets import Labelled
from chalicelib.chat.retrieval import SURE_ENOUGH
from chalicelib.knowledge import seed
from chalicelib.knowledge.language import fold, sentences
from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.search import Found, Index
from chalicelib.knowledge.weights import Weights
from chalicelib.settings import Settings

Ranker = Callable[[str], list[str]]
PAGE = sets.ROOT / "docs" / "evidence" / "retrieval.md"
RESAMPLES = 500
LARGE = 10_000


def product(labelled: Labelled, fitted: Weights | None = None) -> Ranker:
    index = Index(labelled.entries, labelled.synonyms, labelled.locale, fitted)
    return lambda question: [hit.entry.id for hit in index.search(question).hits]


def ranks(labelled: Labelled, rank: Ranker, change: Callable[[str], str] = str) -> list[int]:
    """The place of the first right entry for each question, 99 where it is not among the hits."""
    found = ((rank(change(question)), right) for question, right in labelled.questions)
    return [next((n for n, hit in enumerate(hits, 1) if hit in right), 99) for hits, right in found]


def recall(places: Sequence[int], within: int) -> float:
    return sum(place <= within for place in places) / len(places)


def shown(places: Sequence[int]) -> str:
    return f"{recall(places, 1):.3f} {recall(places, 3):.3f}"


def lead(one: Sequence[int], other: Sequence[int]) -> str:
    """How much more often `one` has the answer first, with the middle 95 % of a paired bootstrap."""
    chance = random.Random(1)
    gains = [(a == 1) - (b == 1) for a, b in zip(one, other, strict=True)]
    means = sorted(statistics.fmean(chance.choices(gains, k=len(gains))) for _ in range(RESAMPLES))
    return f"{statistics.fmean(gains):+.3f} ({means[RESAMPLES // 40]:+.3f} to {means[-RESAMPLES // 40]:+.3f})"


def without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def with_a_typo(question: str) -> str:
    """One slip in one word of four letters or more: a letter lost, doubled by another, swapped or replaced."""
    chance = random.Random(question)
    said = question.split(" ")
    long = [n for n, word in enumerate(said) if len(word) > 3 and fold(word).isalpha()]
    if not long:
        return question
    at = chance.choice(long)
    word, n, letter = said[at], chance.randrange(len(said[at]) - 1), chance.choice("abcdefghijklmnopqrstuvwxyz")
    said[at] = chance.choice(
        (
            word[:n] + word[n + 1 :],
            word[:n] + letter + word[n:],
            word[:n] + letter + word[n + 1 :],
            word[:n] + word[n + 1] + word[n] + word[n + 2 :],
        )
    )
    return " ".join(said)


def auroc(there: Sequence[float], absent: Sequence[float]) -> float:
    """How often a question with an answer is surer than one without."""
    wins = sum((a > b) + (a == b) / 2 for a in there for b in absent)
    return wins / (len(there) * len(absent))


def certainties(labelled: Labelled, questions: Sequence[str], fitted: Weights | None = None) -> list[float]:
    index = Index(labelled.entries, labelled.synonyms, labelled.locale, fitted)
    return [index.search(question).confidence for question in questions]


def tells_hidden(labelled: Labelled, fitted: Weights | None = None) -> float:
    """AUROC of the confidence when half of the entries are hidden."""
    half = sets.half_hidden(labelled)
    kept = {entry.id for entry in half.entries}
    sure = certainties(half, [question for question, _ in half.questions], fitted)
    there = [bool(right & kept) for _, right in half.questions]
    return auroc(
        [s for s, t in zip(sure, there, strict=True) if t], [s for s, t in zip(sure, there, strict=True) if not t]
    )


def tells_out_of_scope(fitted: Weights | None = None) -> float:
    clinc = sets.open_set("clinc150-en")
    asked = [question for question, _ in random.Random(1).sample(clinc.questions, 1000)]
    return auroc(certainties(clinc, asked, fitted), certainties(clinc, sets.out_of_scope(), fitted))


def quality() -> list[str]:
    rows = [
        "| set | product: recall@1 @3 | plain tantivy | plain BM25 | lead over tantivy | lead over BM25 "
        "| no accents | one typo |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for labelled in (*map(sets.open_set, sets.OPEN_SETS), sets.answered(sets.regression())):
        rank = product(labelled)
        ours = ranks(labelled, rank)
        plain, okapi = ranks(labelled, plain_tantivy(labelled)), ranks(labelled, bm25(labelled))
        bare, slips = ranks(labelled, rank, without_accents), ranks(labelled, rank, with_a_typo)
        rows.append(
            f"| {labelled.name} | **{shown(ours)}** | {shown(plain)} | {shown(okapi)} | {lead(ours, plain)} "
            f"| {lead(ours, okapi)} | {shown(bare)} | {shown(slips)} |"
        )
    folds = [place for fold_ in sets.seed_folds() for place in ranks(fold_, product(fold_))]
    rows += ["", f"The seed's alternative questions, each left out of the index: {shown(folds)}.", ""]
    rows.append(
        f"Is the answer there? AUROC {tells_hidden(sets.open_set('faquad-pt')):.3f} with half of faquad-pt hidden, "
        f"{tells_out_of_scope():.3f} on clinc150-en's questions out of scope."
    )
    return rows


def own(held_back: bool) -> list[str]:
    """The product's own questions, each asked by the kind of user who typed it."""
    rows = [
        "| own questions | recall@1 @3 | one typo | answered | answered though nothing answers |",
        "|---|---|---|---|---|",
    ]
    index = Index(seed.entries(), seed.synonyms())
    for name in sets.OWN_SETS:
        for hidden in (False, True) if held_back else (False,):
            asked = sets.own_rows(name, held_back=hidden)
            places, slips, sure = [], [], {True: [0, 0], False: [0, 0]}
            for row in asked:
                user, right = row.get("user_type", "anonymous"), row["entries"]
                found = index.search(row["question"], user)
                sure[bool(right)][0] += found.answers(Settings().answer_threshold)
                sure[bool(right)][1] += 1
                if right:
                    places.append(_place(found, right))
                    slips.append(_place(index.search(with_a_typo(row["question"]), user), right))
            told = " | ".join(f"{yes} of {total}" for yes, total in (sure[True], sure[False]))
            part = "held back" if hidden else "open"
            rows.append(f"| {name}, {part} | {shown(places)} | {shown(slips)} | {told} |")
    return rows


def unanswerable(held_back: bool) -> list[str]:
    """What is made of questions that the seed does not answer, `near` ones in the very words of its entries."""
    rows = ["| asked in vain | questions | answered, with a doubt | answered without |", "|---|---|---|---|"]
    index, threshold = Index(seed.entries(), seed.synonyms()), Settings().answer_threshold
    for hidden in (False, True) if held_back else (False,):
        by_kind: dict[str, list[float]] = defaultdict(list)
        for row in sets.own_rows("unanswerable", held_back=hidden):
            by_kind[row["kind"]].append(index.search(row["question"]).confidence)
        for kind, sure in sorted(by_kind.items()):
            plain = sum(one >= SURE_ENOUGH for one in sure)
            doubtful = sum(one >= threshold for one in sure) - plain
            part = "held back" if hidden else "open"
            rows.append(f"| {kind}, {part} | {len(sure)} | {doubtful} | {plain} |")
    return rows


def _place(found: Found, right: Sequence[str]) -> int:
    return next((n for n, hit in enumerate(found.hits, 1) if hit.entry.id in right), 99)


def left_out() -> list[str]:
    """Each open set judged by weights that were fitted on the others."""
    from bench.fit_retrieval import fit

    rows = ["| left out of the fit | recall@1 @3 | AUROC, half hidden |", "|---|---|---|"]
    for name in sets.OPEN_SETS:
        labelled, fitted = sets.open_set(name), fit([other for other in sets.OPEN_SETS if other != name])
        sure = f"{tells_hidden(labelled, fitted):.3f}"
        if name == "clinc150-en":
            sure += f"; out of scope: {tells_out_of_scope(fitted):.3f}"
        rows.append(f"| {name} | {shown(ranks(labelled, product(labelled, fitted)))} | {sure} |")
    return rows


def large() -> tuple[list[Entry], list[str]]:
    """Entries in the words of faquad-pt, mixed sentence by sentence and varied word by word; and its questions."""
    chance, faquad = random.Random(5), sets.open_set("faquad-pt")
    pool = [sentence.split() for entry in faquad.entries for sentence in sentences(entry.content)]
    spoken = [word for sentence in pool for word in sentence]
    asked = [question for question, _ in faquad.questions]

    def varied() -> str:
        return " ".join(chance.choice(spoken) if chance.random() < 0.15 else word for word in chance.choice(pool))

    entries = [
        Entry(
            id=f"e{n}",
            category="faq",
            title=" ".join(chance.sample(spoken, 3)),
            content=" ".join(varied() for _ in range(chance.randint(2, 6))),
            questions=tuple(chance.sample(asked, 2)),
            keywords=tuple(chance.sample(spoken, 3)),
        )
        for n in range(LARGE)
    ]
    chance.shuffle(asked)
    return entries, asked


def speed() -> list[str]:
    entries, asked = large()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    index = Index(entries)
    built = time.perf_counter() - wall, time.process_time() - cpu
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    timed = [(*_timed(lambda: index.search(question)), _timed(_loop)[1]) for question in asked]  # noqa: B023
    walls, cpus, loops = zip(*timed, strict=True)
    return [
        f"{LARGE} entries of {statistics.fmean(len(entry.content) for entry in entries):.0f} characters: built in "
        f"{built[0]:.1f} s ({built[1]:.1f} s of CPU), {memory:.0f} MB. A search takes p50 {_share(walls, 0.5)}, p95 "
        f"{_share(walls, 0.95)} (CPU: {_share(cpus, 0.5)}, {_share(cpus, 0.95)}); "
        f"an empty loop of 10,000 took {_share(loops, 0.5)} in between (0.16 ms is the least seen on this machine)."
    ]


def _timed(what: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.thread_time()
    what()
    return (time.perf_counter() - wall) * 1000, (time.thread_time() - cpu) * 1000


def _loop() -> None:
    for _ in range(10_000):
        pass


def _share(times: Sequence[float], share: float) -> str:
    return f"{sorted(times)[int(len(times) * share)]:.2f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--left-out", action="store_true", help="fit without each set in turn, too")
    parser.add_argument("--held-back", action="store_true", help="score the lines that are held back, too: once")
    parser.add_argument("--write", action="store_true", help=f"keep the tables in {PAGE.name}")
    options = parser.parse_args()
    if not sets.there():
        print(f"The open sets are not there, so the knowledge search is not measured: {sets.DATA}")
        return
    parts = [speed(), own(options.held_back), unanswerable(options.held_back), quality(), through_rest()]
    parts += [left_out()] if options.left_out else []
    page = "# The knowledge search, measured\n\n" + "\n\n".join("\n".join(part) for part in parts) + "\n"
    print(page)
    if options.write:
        PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
