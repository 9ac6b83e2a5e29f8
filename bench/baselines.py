"""What the knowledge search is compared with: tantivy as it comes, and BM25 over stemmed words."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable

from tantivy import Document, Filter, Index, Occur, Query, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from bench.retrieval_sets import Labelled
from chalicelib.knowledge import language

K1, B = 1.2, 0.75
LIMIT = 3


def plain_tantivy(labelled: Labelled) -> Callable[[str], list[str]]:
    """Stemmed and folded, the title counted twice."""
    stemmer = Filter.stemmer("portuguese" if labelled.locale == "pt-BR" else "english")
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase())
    analyzer = builder.filter(stemmer).filter(Filter.ascii_fold()).build()
    fields = SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw")
    schema = fields.add_text_field("title", tokenizer_name="x").add_text_field("text", tokenizer_name="x").build()
    index = Index(schema)
    index.register_tokenizer("x", analyzer)
    writer = index.writer(15_000_000, 1)
    for entry in labelled.entries:
        text = "\n".join((entry.content, *entry.questions, *entry.keywords, *entry.steps))
        writer.add_document(Document(id=entry.id, title=entry.title, text=text))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def rank(question: str) -> list[str]:
        terms = {(field, term) for field in ("title", "text") for term in analyzer.analyze(question)}
        parts = [
            (Occur.Should, Query.boost_query(Query.term_query(schema, field, term), 2.0 if field == "title" else 1.0))
            for field, term in sorted(terms)
        ]
        hits = searcher.search(Query.boolean_query(parts), LIMIT).hits
        return [searcher.doc(address)["id"][0] for _, address in hits]

    return rank


def bm25(labelled: Labelled) -> Callable[[str], list[str]]:
    """Title and text as one, stemmed, without stop words."""
    tongue = language.of(labelled.locale)
    texts = ["\n".join((e.title, e.content, *e.questions, *e.keywords, *e.steps)) for e in labelled.entries]
    counts = [Counter(tongue.terms(text)) for text in texts]
    mean = sum(sum(count.values()) for count in counts) / len(counts)
    having: dict[str, list[int]] = defaultdict(list)
    for number, count in enumerate(counts):
        for term in count:
            having[term].append(number)

    def rank(question: str) -> list[str]:
        scores: Counter[int] = Counter()
        for term in set(tongue.terms(question)):
            numbers = having.get(term, [])
            idf = math.log(1 + (len(counts) - len(numbers) + 0.5) / (len(numbers) + 0.5))
            for n in numbers:
                times, length = counts[n][term], counts[n].total() / mean
                scores[n] += idf * times * (K1 + 1) / (times + K1 * (1 - B + B * length))  # type: ignore[assignment]
        return [labelled.entries[n].id for n, _ in scores.most_common(LIMIT)]

    return rank
