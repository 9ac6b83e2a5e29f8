"""What the assistant can say without a model, and what goes along with any answer: sources, links, follow-ups."""

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.chat import escalation, greetings, intents, office
from chalicelib.chat.contact import contact_line, contact_of, left_in
from chalicelib.chat.cues import load
from chalicelib.chat.model import Action, Contact, Message, Source, Tail
from chalicelib.chat.retrieval import Grounds
from chalicelib.chat.texts import choices, text
from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.search import Index
from chalicelib.settings import Settings

FOLLOW_UPS = 2
RELATED = 1


class Plan(Struct, frozen=True, kw_only=True):
    """An answer that could be sent as it is. `fixed`: it must be, word for word, without asking a model."""

    content: str
    intent: str
    mood: str
    fixed: bool = False
    known: bool = False  # the knowledge has something on it
    urgent: bool = False  # an emergency, which is answered whoever has the conversation
    actions: tuple[Action, ...] = ()
    sources: tuple[Source, ...] = ()
    suggestions: tuple[str, ...] = ()
    contact: Contact | None = None


def plan(settings: Settings, index: Index, tail: Tail, question: Message, grounds: Grounds) -> Plan:
    """Emergencies come first, then the wish for a person, then the knowledge, then plain manners.

    Whatever sounds like danger and is not answered as an emergency has the numbers to call at its end.
    """
    planned = _plan(settings, index, tail, question, grounds)
    if planned.urgent or not _alarming(question.content, grounds, planned):
        return planned
    return replace(planned, content=f"{planned.content}\n\n{text(tail.header.locale, 'answer.if_urgent')}")


def _alarming(question: str, grounds: Grounds, planned: Plan) -> bool:
    """Whether it says that something is dangerous, or is like an emergency and nothing else is known of it."""
    cues = load("alarms")
    near = not planned.known and grounds.found.best is not None and grounds.found.best.emergency
    return near or bool(cues.found("danger", cues.spelt_out(question)))


def _plan(settings: Settings, index: Index, tail: Tail, question: Message, grounds: Grounds) -> Plan:
    intent, mood = intents.classify(question.content), escalation.mood_among(question.content, tail.messages)
    entry = grounds.entry
    if entry and entry.emergency:
        return _from_entry(settings, index, tail, question, grounds, entry, intent, mood)
    if mood == "strong" and grounds.literal:
        mood = "mild"  # a known question in strong words is answered, with a person offered
    if mood in ("person", "strong"):
        return _escalated(settings, tail, question, intent, mood)
    if tail.header.handoff == "waiting" and (left := left_in(question.content)):
        noted = text(tail.header.locale, "handoff.noted", contact=left)
        return Plan(content=noted, intent=intent, mood="none", fixed=True, known=True)
    if intent in intents.ALONE or (intent in intents.MANNERS and not entry):
        return _mannerly(settings, tail, question, intent, mood)
    if entry:
        return _from_entry(settings, index, tail, question, grounds, entry, intent, mood)
    if _asks_price(question.content) and not grounds.found.hits:
        return Plan(
            content=text(tail.header.locale, "answer.price_of_what"),
            intent=intent,
            mood=mood,
            known=True,
            suggestions=choices(tail.header.locale, "suggestions.price"),
        )
    return Plan(
        content=text(tail.header.locale, "answer.unknown", contact=contact_line(settings, tail.header.locale)),
        intent=intent,
        mood=mood,
        suggestions=choices(tail.header.locale, "suggestions.unknown"),
        contact=contact_of(settings),
    )


def in_place_of_model(settings: Settings, locale: str, planned: Plan) -> str:
    """What is said when the model failed: the knowledge's own words, or plainly that there are none now."""
    if planned.known and settings.fallback_responses:
        return f"{text(locale, 'failure.fallback')}\n\n{planned.content}"
    return text(locale, "failure.nothing", contact=contact_line(settings, locale))


def _from_entry(
    settings: Settings,
    index: Index,
    tail: Tail,
    question: Message,
    grounds: Grounds,
    entry: Entry,
    intent: str,
    mood: str,
) -> Plan:
    locale = tail.header.locale
    content = _words_of(index, entry, question.content, locale)
    if grounds.doubtful:
        content = f"{text(locale, 'answer.doubtful')}\n\n{content}"
    if mood == "mild":
        content += "\n\n" + text(locale, "answer.offer_person")
    links = tuple(
        Action(link.label, settings.site_url + link.url if link.url.startswith("/") else link.url)
        for link in entry.links
    )
    first = next((link.url for link in links if not link.url.startswith("tel:")), "")
    return Plan(
        content=content,
        intent=intent,
        mood=mood,
        fixed=entry.emergency,
        urgent=entry.emergency,
        known=True,
        actions=links,
        sources=(Source(entry.id, entry.version, entry.title, first),),
        suggestions=_suggested(index, tail, entry, question.content),
    )


def _suggested(index: Index, tail: Tail, entry: Entry, question: str) -> tuple[str, ...]:
    """What may be asked next: the entry's follow-ups, and by its title something related that none of them asks for.

    In an emergency nothing else is suggested.
    """
    user_type = tail.header.user_type
    follow_ups = [one for one in entry.follow_ups if one.casefold() != question.casefold()][:FOLLOW_UPS]
    if entry.emergency:
        return tuple(follow_ups)
    asked = [index.search(one, user_type, entry.locale, limit=1).best for one in follow_ups]
    related = [other.title for other in index.related(entry, user_type) if other not in asked]
    return (*follow_ups, *related[:RELATED])


def _escalated(settings: Settings, tail: Tail, question: Message, intent: str, mood: str) -> Plan:
    locale = tail.header.locale
    back = office.opens_at(settings, question.at)
    when = office.in_words(back, question.at, locale) if back else ""
    told = text(locale, "handoff.closed", when=when) if back else text(locale, "handoff.called")
    return Plan(
        content=text(locale, f"escalation.{mood}", contact=contact_line(settings, locale)) + "\n\n" + told,
        intent=intent,
        mood=mood,
        fixed=True,
        known=True,
        contact=contact_of(settings),
    )


def _mannerly(settings: Settings, tail: Tail, question: Message, intent: str, mood: str) -> Plan:
    header = tail.header
    return Plan(
        content=text(
            header.locale,
            f"answer.{intent}",
            name=greetings.called(header),
            assistant=settings.assistant_name,
            hours=f"{settings.session_timeout_hours:g}",
        ),
        intent=intent,
        mood=mood,
        known=True,
        suggestions=greetings.suggestions(header, question.page or header.page)[:FOLLOW_UPS]
        if intent in ("greeting", "help")
        else (),
    )


def _words_of(index: Index, entry: Entry, question: str, locale: str) -> str:
    """The fitting paragraph, with price, steps and who does it unless one particular was asked for.

    A question for the price is answered with the price first; an emergency with everything there is.
    """
    if entry.emergency:
        return "\n\n".join((*entry.paragraphs, *_steps(entry)))
    if entry.price and _asks_price(question):
        priced = text(locale, "answer.price_of", title=entry.title, price=entry.price.rstrip("."))
        return "\n\n".join((priced, entry.paragraphs[0], *_providers(entry, locale)))
    paragraph = _fitting(index, entry, question)
    if paragraph != entry.paragraphs[0]:
        return _named(entry, paragraph)
    price = [text(locale, "answer.price", price=entry.price.rstrip("."))] if entry.price else []
    return "\n\n".join((_named(entry, paragraph), *_steps(entry), *price, *_providers(entry, locale)))


def _fitting(index: Index, entry: Entry, question: str) -> str:
    """The paragraph for the question; asked when or how long, one that has a time."""
    facets = load("facets")
    plain = facets.spelt_out(question)
    if not facets.found("time", plain):
        return index.best_paragraph(entry, question)
    rest = facets.without("time", plain)
    return index.best_paragraph(entry, rest, lambda told: facets.mentions("told_time", facets.spelt_out(told)))


def _asks_price(question: str) -> bool:
    facets = load("facets")
    return bool(facets.found("price", facets.spelt_out(question)))


def _providers(entry: Entry, locale: str) -> list[str]:
    return [text(locale, "answer.providers", providers=entry.providers)] if entry.providers else []


def _named(entry: Entry, paragraph: str) -> str:
    """A service's paragraph with the service's name before it, unless it says the name itself."""
    if entry.category != "service" or entry.title.casefold() in paragraph.casefold():
        return paragraph
    return f"**{entry.title}.** {paragraph}"


def _steps(entry: Entry) -> list[str]:
    return ["\n".join(f"{n}. {step}" for n, step in enumerate(entry.steps, 1))] if entry.steps else []
