"""What a person can do in a conversation, one story a test."""

import dataclasses
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.chat.model import Message, question_id
from chalicelib.chat.ports import Bucket, Taken
from chalicelib.errors import BadRequest, NotFound, RateLimited, SessionExpired, TooLarge
from tests.chat.room import MESSAGE_ID, Room, ScriptedModel

FAST = {"RATE_LIMIT_MESSAGES_PER_MINUTE": "6000", "MAX_WAITING_TURNS": "100"}


def room_with_session(*scripts: list[str], **settings: str) -> Room:
    room = Room(ScriptedModel(*scripts), **settings)
    room.start()
    return room


def test_a_message_sent_again_is_accepted_as_a_duplicate_and_answered_once() -> None:
    room = room_with_session(["Oi."])
    first = room.say("olá", message_id=MESSAGE_ID.format(7))
    again = room.say("olá", message_id=MESSAGE_ID.format(7))
    assert (first.duplicate, again.duplicate) == (False, True)
    assert first.message_id == again.message_id and len(room.queue.bodies) == 1


def test_a_duplicate_of_an_answered_message_brings_its_reply() -> None:
    room = room_with_session(["Oi."])
    room.say("olá", message_id=MESSAGE_ID.format(7))
    room.work()
    accepted, reply = room.do("sendMessage", clientMessageId=MESSAGE_ID.format(7), content="olá")
    assert accepted.duplicate and reply.content == "Oi."


def test_a_message_sent_again_after_a_hundred_others_is_known() -> None:
    room = room_with_session(*[["Oi."]] * 101, **FAST, RATE_LIMIT_PER_IP="6000")
    first = room.say("olá", message_id=MESSAGE_ID.format(7))
    room.work()
    for number in range(100):
        room.say("olá", message_id=MESSAGE_ID.format(100 + number))
        room.work()
    accepted, reply = room.do("sendMessage", clientMessageId=MESSAGE_ID.format(7), content="olá")
    assert accepted.duplicate and accepted.message_id == first.message_id
    assert reply.in_reply_to == first.message_id and room.queue.bodies == []


def test_a_duplicate_costs_nothing_of_the_rate_limit() -> None:
    room = room_with_session(RATE_LIMIT_MESSAGES_PER_MINUTE="1", RATE_LIMIT_BURST="0")
    room.say("olá", message_id=MESSAGE_ID.format(7))
    room.say("olá", message_id=MESSAGE_ID.format(7))
    with pytest.raises(RateLimited):
        room.say("outra")


@pytest.mark.requirement("R8.3")
def test_thirteen_at_once_pass_and_the_fourteenth_says_when() -> None:
    room = room_with_session(MAX_WAITING_TURNS="100")
    for number in range(13):
        room.say(f"mensagem {number}")
    with pytest.raises(RateLimited) as refused:
        room.say("mais uma")
    assert refused.value.retry_after == pytest.approx(6.0)
    room.clock.sleep(6.0)
    room.say("agora sim")
    with pytest.raises(RateLimited):
        room.say("cedo demais")


def test_a_new_connection_changes_nothing_about_the_rate_limit() -> None:
    room = Room(ScriptedModel(), MAX_WAITING_TURNS="100")
    (session,) = room.start()
    for number in range(13):
        room.say(f"mensagem {number}")
    room.start("other", resumeToken=session.resume_token)
    room.do("endSession", "other")
    room.start("third", resumeToken=session.resume_token)  # a new conversation, the same visitor
    with pytest.raises(RateLimited):
        room.say("de novo", "third")


class NobodyCounts:
    """A limiter whose Redis is gone."""

    available = False

    def take(self, buckets: Sequence[Bucket], message: str = "") -> Taken:
        return Taken(0.0)


@pytest.mark.requirement("R8.3")
def test_when_nobody_counts_the_last_minute_of_the_log_does() -> None:
    room = Room(ScriptedModel(*[[f"R{n}."] for n in range(11)]))
    room.ports = dataclasses.replace(room.ports, limiter=NobodyCounts())
    room.start()
    for number in range(10):
        room.ask(f"pergunta {number}")
        room.clock.sleep(1)
    with pytest.raises(RateLimited) as refused:
        room.say("mais uma")
    assert refused.value.retry_after == pytest.approx(50.0)
    room.clock.sleep(50)
    room.say("mais uma")


def test_an_address_has_a_limit_of_its_own() -> None:
    room = Room(ScriptedModel(), RATE_LIMIT_PER_IP="5")
    for visitor in range(5):
        room.start(f"tab{visitor}", ip="10.0.0.9")
        room.say("oi", f"tab{visitor}")
    room.start("elsewhere", ip="10.0.0.10")
    room.say("oi", "elsewhere")
    room.clock.sleep(13)  # one opening more for this address, and one message
    room.start("tab5", ip="10.0.0.9")
    room.say("oi", "tab5")
    with pytest.raises(RateLimited):
        room.say("oi de novo", "tab5")


def test_a_third_waiting_question_is_refused_until_one_is_answered() -> None:
    room = room_with_session(["Um."], ["Dois."], ["Três."])
    for text in ("um", "dois", "três"):
        room.say(text)
    with pytest.raises(RateLimited):
        room.say("quatro")
    room.work()
    room.say("quatro")


@pytest.mark.parametrize("content", ["", "   ", "\x00\x07", "\n\n", "\u200b\u200b"])
def test_a_message_with_nothing_in_it_is_refused(content: str) -> None:
    room = room_with_session()
    with pytest.raises(BadRequest) as refused:
        room.say(content)
    assert refused.value.fields == ("content",)


def test_two_thousand_characters_pass_and_one_more_is_too_large() -> None:
    room = room_with_session()
    room.say("á" * 2000)
    with pytest.raises(TooLarge):
        room.say("á" * 2001)


def test_control_characters_are_left_out_of_what_is_stored() -> None:
    room = room_with_session()
    room.say("ol\x00á\u0007, tudo\nbem?")
    tail = room.store.tail(room.store.connection("tab").session_id, 1)  # type: ignore[union-attr]
    assert tail and tail.messages[0].content == "olá, tudo\nbem?"


def test_other_tabs_see_what_was_said_and_the_answer() -> None:
    room = room_with_session(["Resposta."])
    token = room.start("other")[0].resume_token
    room.start("second", resumeToken=token)
    room.say("pergunta", "other")
    room.work()
    second = room.seen("second")
    assert [f["content"] for f in second if f["type"] == "message"] == ["pergunta", "Resposta."]
    assert [f["type"] for f in room.seen("other")] == [f["type"] for f in second if f.get("sender") != "user"]


def test_cancelling_a_waiting_question_gives_it_an_empty_outcome() -> None:
    room = room_with_session(["Nunca."])
    accepted = room.say("pergunta")
    room.do("cancelReply", messageId=accepted.message_id)
    room.work()
    outcomes = [f for f in room.seen() if f["type"] == "message"]
    assert {f["finish"] for f in outcomes} == {"cancelled"} and {f["content"] for f in outcomes} == {""}
    assert not any(f["type"] == "replyDelta" for f in room.seen())


def test_cancelling_twice_or_too_late_brings_the_stored_outcome() -> None:
    room = room_with_session(["Pronta."])
    reply = room.ask("pergunta")
    (outcome,) = room.do("cancelReply", messageId=reply["messageId"])
    assert outcome.finish == "complete" and outcome.content == "Pronta."


def test_only_ones_own_messages_can_be_named() -> None:
    room = room_with_session(["Minha."])
    reply = room.ask("pergunta")
    room.start("stranger", ip="10.9.9.9")
    for action, fields in (
        ("cancelReply", {"messageId": reply["messageId"]}),
        ("giveFeedback", {"messageId": reply["messageId"], "helpful": True}),
        ("loadHistory", {"before": reply["messageId"]}),
        ("cancelReply", {"messageId": "no such id"}),
    ):
        with pytest.raises(NotFound):
            room.do(action, "stranger", **fields)


@pytest.mark.requirement("R6.4")
def test_feedback_is_kept_once_a_message_and_the_last_word_counts() -> None:
    room = room_with_session(["Um."])
    reply = room.ask("pergunta")
    room.do("giveFeedback", messageId=reply["messageId"], helpful=True)
    (saved,) = room.do("giveFeedback", messageId=reply["messageId"], helpful=False)
    notes = room.store.notes(room.store.connection("tab").session_id)  # type: ignore[union-attr]
    assert saved.helpful is False and [(n.kind, n.helpful) for n in notes] == [("feedback", False)]


def test_feedback_finds_an_answer_far_back() -> None:
    room = room_with_session(*[[f"R{n}."] for n in range(15)], **FAST)
    first = room.ask("primeira")
    for number in range(14):
        room.ask(f"pergunta {number}")
    (saved,) = room.do("giveFeedback", messageId=first["messageId"], helpful=True)
    assert saved.message_id == first["messageId"]


def test_feedback_on_ones_own_question_is_not_found() -> None:
    room = room_with_session()
    accepted = room.say("pergunta")
    with pytest.raises(NotFound):
        room.do("giveFeedback", messageId=accepted.message_id, helpful=True)


@pytest.mark.requirement("R6.4")
def test_a_rating_is_kept_with_its_comment() -> None:
    room = room_with_session()
    room.do("rateSession", rating=2, comment="demorou")
    room.do("rateSession", rating=5, comment="ótimo")
    (note,) = room.store.notes(room.store.connection("tab").session_id)  # type: ignore[union-attr]
    assert (note.rating, note.comment) == (5, "ótimo")


@pytest.mark.requirement("R7.1")
def test_actions_are_kept_one_by_one() -> None:
    room = room_with_session()
    for _ in range(2):
        assert room.do("trackAction", kind="link", target="/services/") == []
    notes = room.store.notes(room.store.connection("tab").session_id)  # type: ignore[union-attr]
    assert [(n.kind, n.target_kind, n.target) for n in notes] == [("action", "link", "/services/")] * 2


def test_history_is_loaded_page_by_page_to_the_greeting() -> None:
    room = room_with_session(*[[f"R{n}."] for n in range(10)], **FAST)
    for number in range(10):
        last = room.ask(f"pergunta {number}")
    (page,) = room.do("loadHistory", before=last["messageId"], limit=8)
    assert len(page.messages) == 8 and page.more
    (rest,) = room.do("loadHistory", before=page.messages[0].message_id, limit=50)
    assert rest.messages[0].seq == 1 and not rest.more
    assert [m.seq for m in (*rest.messages, *page.messages)] == list(range(1, page.messages[-1].seq + 1))


def test_history_before_an_answer_includes_its_question() -> None:
    room = room_with_session(["Um."])
    reply = room.ask("pergunta")
    (page,) = room.do("loadHistory", before=reply["messageId"])
    assert [m.content for m in page.messages][-1] == "pergunta"


def test_the_end_cancels_what_waits_and_nothing_is_accepted_after_it() -> None:
    room = room_with_session(["Nunca."])
    token = room.start("tab2")[0].resume_token
    room.start("tab3", resumeToken=token)
    room.say("pergunta", "tab2")
    (ended,) = room.do("endSession", "tab2")
    assert ended.session_id == room.store.connection("tab2").session_id  # type: ignore[union-attr]
    assert [f["type"] for f in room.seen("tab3")][-1] == "sessionEnded"
    tail = room.store.tail(ended.session_id, 5)
    assert tail and [m.kind for m in tail.messages][-1] == "closed" and tail.messages[-2].finish == "cancelled"
    for action, fields in (
        ("sendMessage", {"clientMessageId": MESSAGE_ID.format(99), "content": "oi"}),
        ("updateContext", {"context": {"url": "/"}}),
        ("giveFeedback", {"messageId": tail.messages[-2].message_id, "helpful": True}),
        ("rateSession", {"rating": 5}),
        ("trackAction", {"kind": "link", "target": "/"}),
        ("loadHistory", {"before": tail.messages[-1].message_id}),
        ("cancelReply", {"messageId": tail.messages[-2].message_id}),
        ("endSession", {}),
    ):
        with pytest.raises(SessionExpired):
            room.do(action, "tab3", **fields)


def test_an_expired_conversation_accepts_nothing() -> None:
    room = room_with_session()
    room.clock.sleep(24 * 3600)
    with pytest.raises(SessionExpired):
        room.say("oi")


@pytest.mark.requirement("R3.4")
def test_an_error_page_brings_an_offer_of_help_once() -> None:
    room = room_with_session()
    context = {"url": "https://site.example/services/x", "errorStatus": 404}
    room.do("updateContext", context=context)
    room.do("updateContext", context=context)
    (offer,) = [f for f in room.seen() if f["type"] == "message"]
    assert "404" in offer["content"] and offer["suggestions"] and offer["sender"] == "assistant"


def test_an_ordinary_page_is_only_remembered() -> None:
    room = room_with_session()
    room.do("updateContext", context={"url": "https://site.example/meus-pedidos/", "title": "Meus pedidos"})
    tail = room.store.tail(room.store.connection("tab").session_id, 1)  # type: ignore[union-attr]
    assert tail and tail.header.page and tail.header.page.title == "Meus pedidos" and not room.seen()


def test_a_cancelled_reply_is_sent_once() -> None:
    room = room_with_session(["Nunca."])
    room.do("cancelReply", messageId=room.say("pergunta").message_id)
    room.work()
    assert len([f for f in room.seen() if f["type"] == "message"]) == 1


def test_cancelling_a_reply_of_long_ago_brings_it_as_it_is_stored() -> None:
    room = room_with_session(*[[f"R{n}."] for n in range(30)], **FAST)
    first = room.ask("primeira")
    for number in range(29):
        room.ask(f"pergunta {number}")
    (outcome,) = room.do("cancelReply", messageId=first["messageId"])
    assert outcome.content == "R0." and outcome.finish == "complete"


class RacingStore(SQLiteSessions):
    """A store in which somebody else's question takes the place that `closed` was meant for."""

    raced = False

    def append(self, message: Message) -> bool:
        if message.kind == "closed" and not self.raced:
            self.raced = True
            place = replace(message, kind="message", sender="user", content="e isto?", client_message_id="other")
            super().append(replace(place, message_id=question_id(message.session_id, message.seq)))
        return super().append(message)


def test_a_question_that_races_the_end_has_its_outcome_before_it() -> None:
    room = Room(ScriptedModel())
    room.ports = dataclasses.replace(room.ports, sessions=RacingStore(None))
    (session,) = room.start()
    room.do("endSession")
    tail = room.ports.sessions.tail(session.session_id, 5)
    assert tail and [(m.sender, m.kind) for m in tail.messages[1:]] == [
        ("user", "message"),
        ("assistant", "message"),
        ("system", "closed"),
    ]
    assert room.ports.sessions.unanswered(0, room.clock.now() + 1) == []


def test_help_is_not_offered_for_ever() -> None:
    room = room_with_session()
    for number in range(10):
        room.do("updateContext", context={"url": f"https://site.example/{number}", "errorStatus": 500})
    assert len([f for f in room.seen() if f["type"] == "message"]) == 3


def test_a_history_of_a_message_that_is_not_there_names_the_field() -> None:
    room = room_with_session()
    with pytest.raises(NotFound) as missing:
        room.do("loadHistory", before="nothing")
    assert missing.value.fields == ("before",)
