"""The passages that may answer a question, found by tantivy: fast, and good at leaving none out."""

from collections.abc import Iterable, Sequence

from tantivy import Document, Index, Occur, Query, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from chalicelib.knowledge.passages import Passage
from chalicelib.knowledge.vocabulary import STOP_WORD_WEIGHT, Meaning, Vocabulary

TITLES = 2  # times that a title counts as its text does
HEAP = 15_000_000  # bytes, the least that tantivy's writer takes
_SPACES = "spaces"


class Candidates:
    """An index in memory over stems, which it is given ready-made: its own analysis is not asked."""

    def __init__(self, passages: Sequence[Passage], audiences: Sequence[str], vocabulary: Vocabulary) -> None:
        self._stems = vocabulary.stems
        self._schema = _schema()
        index = Index(self._schema)
        index.register_tokenizer(_SPACES, TextAnalyzerBuilder(Tokenizer.whitespace()).build())
        writer = index.writer(HEAP, num_threads=1)
        for number, (passage, audience) in enumerate(zip(passages, audiences, strict=True)):
            writer.add_document(self._document(number, passage, audience))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()

    def find(self, meanings: Iterable[Meaning], left_out: Iterable[str], limit: int) -> list[int]:
        """The numbers of the passages that fit best, best first, without those for the audiences `left_out`."""
        parts = [(Occur.Should, part) for part in self._parts(meanings)]
        parts += [(Occur.MustNot, Query.term_query(self._schema, "audience", other)) for other in left_out]
        query = Query.boolean_query(parts)
        hits = self._searcher.search(query, limit, count=False).hits
        return self._searcher.fast_field_values("number", [address for _, address in hits])  # type: ignore[return-value]

    def _parts(self, meanings: Iterable[Meaning]) -> Iterable[Query]:
        """What is asked for, one word each."""
        fits: dict[int, float] = {}
        for meaning in meanings:
            for stem in meaning.sought:
                fit = STOP_WORD_WEIGHT if meaning.light else meaning.fits[stem]
                fits[stem] = max(fit, fits.get(stem, 0.0))
        for stem, fit in fits.items():
            yield Query.boost_query(Query.term_query(self._schema, "text", self._stems[stem], "freq"), fit)

    def _document(self, number: int, passage: Passage, audience: str) -> Document:
        return Document(
            number=number,
            audience=audience,
            text=" ".join(map(self._stems.__getitem__, (*passage.title_stems * TITLES, *passage.stems))),
        )


def _schema() -> Schema:
    builder = SchemaBuilder().add_integer_field("number", fast=True)
    builder.add_text_field("audience", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name=_SPACES, index_option="freq")
    return builder.build()
