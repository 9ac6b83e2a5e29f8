"""What a conversation leaves for counting, as it is lived."""

import pytest

from chalicelib.analytics.facts import Earlier, Fact, hour_of
from chalicelib.chat import tokens
from chalicelib.chat.ports import ModelFailed
from chalicelib.chat.tokens import Identity
from tests.chat.room import IDENTITY_KEY, Room, ScriptedModel


def told(room: Room) -> list[Fact]:
    """The facts of the last days, in order."""
    now = hour_of(room.clock.now())
    found = [fact for hour in range(now - 80, now + 1) for fact in room.store.facts(hour)]  # type: ignore[attr-defined]
    return sorted(found, key=lambda fact: (fact.at, fact.name))


@pytest.mark.requirement("R7.1")
def test_a_conversation_tells_who_said_what_how_it_went_and_nothing_of_its_words() -> None:
    room = Room(ScriptedModel(["Uma faxina ", "custa R$ 100."]))
    room.start()
    began = room.clock.now()
    room.clock.sleep(2)
    answered = room.ask("quanto custa uma faxina?")
    room.clock.sleep(1)
    room.do("giveFeedback", messageId=answered["messageId"], helpful=True)
    room.do("trackAction", kind="link", target="/services/", messageId=answered["messageId"])
    room.do("rateSession", rating=4)
    room.do("endSession")
    facts = told(room)
    by_kind = {fact.kind: fact for fact in facts}
    assert {(fact.started_at, fact.user_type) for fact in facts} == {(began, "anonymous")}
    assert sorted(fact.sender for fact in facts if fact.sender) == ["assistant", "assistant", "system", "user"]
    assert [fact.opening for fact in facts if fact.sender] == [True, False, False, False]
    reply = by_kind["reply"]
    assert reply.known and not reply.small_talk and reply.entries == (answered["sources"][0]["entryId"],)
    assert (reply.intent, reply.finish, reply.prompt_tokens, reply.reply_tokens) == (
        "service_inquiry",
        "complete",
        100,
        10,
    )
    assert reply.cost_usd > 0 and reply.response_ms is not None and reply.first_ms is not None
    assert (by_kind["feedback"].helpful, by_kind["rating"].stars, by_kind["action"].action) == (True, 4, "link")
    assert "faxina" not in repr(facts) and "R$" not in repr(facts)


def test_trouble_is_told() -> None:
    failing = ScriptedModel([ModelFailed("timeout", retryable=False)], [ModelFailed("refused", retryable=False)])
    room = Room(failing)
    room.start()
    room.ask("quanto custa uma faxina?")
    room.ask("quem ganhou o campeonato de xadrez?")
    room.ask("quero falar com uma pessoa")
    waiting = room.say("quanto custa um encanador?")
    room.do("cancelReply", messageId=waiting.message_id)
    first, second, third, fourth = [fact for fact in told(room) if fact.kind == "reply"]
    assert (first.finish, first.failures, first.known) == ("fallback", ("timeout",), True)
    assert (second.failures, second.known) == (("refused",), False)
    assert third.escalation == "person"
    assert (fourth.finish, fourth.response_ms) == ("cancelled", None)


def test_whoever_comes_back_is_known_by_the_conversation_before() -> None:
    room = Room(ScriptedModel(["Sim."], ["Sim."], ["Sim."]))
    first = room.start()[0]
    room.ask("quanto custa uma faxina?")
    room.clock.sleep(3 * 86_400)
    again = room.start(resumeToken=first.resume_token)[0]
    assert not again.resumed
    room.ask("e um encanador?")
    room.ask("quanto custa um encanador?")
    began = min(fact.started_at for fact in told(room))
    assert [fact.earlier for fact in told(room) if fact.kind == "reply"] == [
        None,
        Earlier(first.session_id, began),
        None,
    ]


def test_a_resume_overwrites_nothing() -> None:
    room = Room(ScriptedModel(["Sim."], ["Sim."]))
    first = room.start()[0]
    room.ask("quanto custa uma faxina?")
    before = told(room)
    room.clock.sleep(60)
    identity = tokens.sign_identity(Identity("ana", "client"), (IDENTITY_KEY,), room.clock.now() + 60_000)
    room.start("other", resumeToken=first.resume_token, identityToken=identity)
    assert told(room) == before
    room.say("oi", "other")
    assert [fact.user_type for fact in told(room)][-1] == "client"
    assert {fact.started_at for fact in told(room)} == {before[0].started_at}
