"""The worker's side of a turn, on real stores in memory and a scripted model."""

from collections.abc import Iterator

import pytest

from chalicelib.chat.model import decode_turn, question_id
from chalicelib.chat.ports import ModelFailed
from chalicelib.chat.replies import answer
from chalicelib.errors import Unavailable
from tests.browser import joined, last_attempt
from tests.chat.room import Room, ScriptedModel

QUESTION = "quanto custa um encanador?"


@pytest.mark.requirement("R2.2")
def test_a_reply_is_started_then_streamed_then_sent_whole() -> None:
    room = Room(ScriptedModel(["Um encanador ", "custa ", "R$ 120."]))
    room.start()
    reply = room.ask(QUESTION)
    kinds = [frame["type"] for frame in room.seen()]
    assert kinds[0] == "replyStarted" and kinds[-1] == "message"
    assert joined(last_attempt(room.seen(), reply["messageId"])) == reply["content"] == "Um encanador custa R$ 120."
    assert reply["finish"] == "complete" and reply["sources"][0]["entryId"] == "service-encanamento"


def test_the_same_turn_delivered_three_times_has_one_stored_reply() -> None:
    model = ScriptedModel(["Primeira."], ["Segunda."], ["Terceira."])
    room = Room(model)
    room.start()
    room.say(QUESTION)
    (body,) = room.queue.bodies
    for attempt in (1, 2, 3):
        answer(room.ports, decode_turn(body), attempt)
    messages = [frame["content"] for frame in room.seen() if frame["type"] == "message"]
    assert messages == ["Primeira."] * 3 and len(model.prompts) == 1


def test_a_worker_that_runs_before_the_append_stores_the_question_itself() -> None:
    room = Room(ScriptedModel(["Oi."]))
    session = room.start()[0]
    room.say(QUESTION)
    (body,) = room.queue.bodies
    other = Room(ScriptedModel(["Oi."]))
    other.start()
    turn = decode_turn(body.replace(session.session_id, other.store.connection("tab").session_id))  # type: ignore[union-attr]
    answer(other.ports, turn, 1)
    tail = other.store.tail(turn.session_id, 10)
    assert tail and [m.sender for m in tail.messages] == ["assistant", "user", "assistant"]
    assert tail.messages[1].message_id == question_id(turn.session_id, 2)


def test_a_turn_delivered_again_when_the_conversation_is_far_ahead_changes_nothing() -> None:
    room = Room(ScriptedModel(*[["Oi."]] * 40), RATE_LIMIT_MESSAGES_PER_MINUTE="6000")
    session = room.start()[0]
    room.say(QUESTION)
    body = room.queue.bodies[0]
    room.work()
    for _ in range(39):
        room.say(QUESTION)
        room.work()
    before = room.store.tail(session.session_id, 100)
    answer(room.ports, decode_turn(body), attempt=2)
    assert room.store.tail(session.session_id, 100) == before and before and before.last_seq == 81
    assert room.seen()[-1]["inReplyTo"] == question_id(session.session_id, 2)


@pytest.mark.requirement("R8.5")
def test_a_failure_in_mid_stream_starts_the_fallback_as_a_new_attempt() -> None:
    room = Room(ScriptedModel(["Um encan", ModelFailed("truncated", retryable=True)]))
    room.start()
    reply = room.ask(QUESTION)
    attempts = [frame["attempt"] for frame in room.seen() if frame["type"] == "replyStarted"]
    assert attempts == [1, 2] and reply["finish"] == "fallback" and "R$ 120" in reply["content"]
    assert joined(last_attempt(room.seen(), reply["messageId"])) == reply["content"]


def test_a_failure_before_the_first_word_is_tried_again_after_the_wait_it_asks_for() -> None:
    busy = ModelFailed("http_429", retryable=True, retry_after=1.5)
    room = Room(ScriptedModel([busy], ["Agora sim."]))
    room.start()
    before = room.clock.seconds
    assert room.ask(QUESTION)["content"] == "Agora sim."
    assert room.clock.seconds - before >= 1.5


def test_a_wait_longer_than_anybody_would_bear_goes_to_the_fallback_at_once() -> None:
    busy = ModelFailed("http_429", retryable=True, retry_after=30)
    room = Room(ScriptedModel([busy]))
    room.start()
    before = room.clock.seconds
    assert room.ask(QUESTION)["finish"] == "fallback"
    assert room.clock.seconds - before < 1


def test_the_third_delivery_does_not_ask_the_model() -> None:
    model = ScriptedModel(["Nunca."])
    room = Room(model)
    room.start()
    room.say(QUESTION)
    room.work(attempt=3)
    reply = room.seen()[-1]
    assert reply["finish"] == "fallback" and not model.prompts
    assert next(f for f in room.seen() if f["type"] == "replyStarted")["attempt"] == 5


@pytest.mark.requirement("R8.5")
def test_a_model_that_keeps_failing_is_skipped_and_tried_again_later() -> None:
    failure = ModelFailed("http_500", retryable=False)
    model = ScriptedModel(*[[failure]] * 5, ["De volta."])
    room = Room(model, RATE_LIMIT_MESSAGES_PER_MINUTE="600")
    room.start()
    for _ in range(6):
        assert room.ask(QUESTION)["finish"] == "fallback"
    assert len(model.prompts) == 5
    room.clock.sleep(60)
    assert room.ask(QUESTION)["content"] == "De volta."


def test_an_empty_answer_counts_as_a_failure() -> None:
    room = Room(ScriptedModel([" "], [" "], [" "]))
    room.start()
    assert room.ask(QUESTION)["finish"] == "fallback"


def test_without_fallback_responses_the_failure_is_said_with_the_contact() -> None:
    room = Room(ScriptedModel([ModelFailed("http_400", retryable=False)]), FALLBACK_RESPONSES="false")
    room.start()
    content = room.ask(QUESTION)["content"]
    assert "R$" not in content and "suporte@example.com" in content


def test_a_reply_that_finishes_after_the_end_of_the_conversation_is_not_sent() -> None:
    room = Room(ScriptedModel(["Tarde demais."]))
    room.start()
    room.say(QUESTION)
    bodies = list(room.queue.bodies)
    room.do("endSession")
    room.outbox.posted.clear()
    room.queue.bodies[:] = bodies
    room.work()
    assert all(frame.get("content") != "Tarde demais." for frame in room.seen())


def test_a_question_of_a_conversation_that_has_ended_is_dropped() -> None:
    room = Room(ScriptedModel())
    room.start()
    room.say(QUESTION)
    tail = room.store.tail(room.store.connection("tab").session_id, 5)  # type: ignore[union-attr]
    assert tail
    turn = decode_turn(room.queue.bodies[0])
    room.do("endSession")
    answer(room.ports, decode_turn(room.queue.bodies[0].replace(turn.client_message_id, "another")), 1)
    assert not room.model.prompts


@pytest.mark.requirement("R2.2")
def test_the_reply_says_where_it_came_from() -> None:
    room = Room(ScriptedModel(["Resposta."]))
    room.start()
    room.ask(QUESTION)
    tail = room.store.tail(room.store.connection("tab").session_id, 1)  # type: ignore[union-attr]
    assert tail
    provenance = tail.messages[0].provenance
    assert provenance and provenance.model == "scripted" and provenance.intent == "service_inquiry"
    assert provenance.retrieved[0].entry_id == "service-encanamento" and provenance.answerable
    assert provenance.cost_usd == round((0.4 * 100 + 1.6 * 10) / 1e6, 6)
    assert list(provenance.timings) == ["taken", "question", "retrieved", "started", "first_delta", "written"]


def test_an_emergency_is_answered_word_for_word_without_the_model() -> None:
    model = ScriptedModel()
    room = Room(model)
    room.start()
    reply = room.ask("cheiro de gás na cozinha")
    assert "**193**" in reply["content"] and not model.prompts
    assert {"label": "Ligar 193 (Bombeiros)", "url": "tel:193"} in reply["actions"]


@pytest.mark.requirement("R6.3", "R6.5")
def test_whoever_asks_for_a_person_gets_the_contact_at_once() -> None:
    room = Room()
    room.start()
    reply = room.ask("quero falar com um atendente")
    assert reply["escalated"] and reply["contact"]["email"] == "suporte@example.com"


@pytest.mark.requirement("R3.2", "R5.2")
def test_the_prompt_has_history_knowledge_page_and_user_type() -> None:
    model = ScriptedModel(["Um."], ["Dois."])
    room = Room(model)
    room.start(context={"url": "https://site.example/services/", "title": "Serviços"})
    room.ask(QUESTION)
    room.ask("e quanto tempo demora?")
    prompt = model.prompts[-1]
    assert "Serviços https://site.example/services/" in prompt.system and "(tipo: services)" in prompt.system
    assert "### Encanamento" in prompt.system and "não entrou na conta" in prompt.system
    assert [role for role, _ in prompt.turns] == ["assistant", "user", "assistant", "user"]
    assert prompt.turns[-2:] == (("assistant", "Um."), ("user", "e quanto tempo demora?"))


def test_history_is_bounded_by_its_setting() -> None:
    model = ScriptedModel(*[[f"R{n}."] for n in range(6)])
    room = Room(model, MAX_HISTORY_MESSAGES="4")
    room.start()
    for _ in range(6):
        room.ask(QUESTION)
    assert len(model.prompts[-1].turns) == 5


@pytest.mark.requirement("R5.4")
def test_what_people_say_of_themselves_is_remembered_and_told_to_the_model() -> None:
    model = ScriptedModel(["Prazer."], ["Claro."])
    room = Room(model)
    (session,) = room.start()
    room.ask("oi, me chamo Ana e moro em São José dos Campos, prefiro pagar com pix")
    room.ask("quanto custa um encanador?")
    assert "SABE-SE DA PESSOA: city: São José dos Campos; name: Ana; payment: pix" in model.prompts[-1].system
    (back,) = room.start("later", resumeToken=session.resume_token)
    assert back.resumed and room.store.tail(session.session_id, 1).header.preferences["name"] == "Ana"  # type: ignore[union-attr]


def test_a_store_that_fails_leaves_the_turn_to_the_queue() -> None:
    room = Room(ScriptedModel(["Nunca."]))
    room.start()
    room.say(QUESTION)
    room.store.close()
    with pytest.raises(Unavailable):
        room.work()


def test_a_second_delivery_gives_the_model_ten_seconds_in_all() -> None:
    room = Room()

    def dripping() -> Iterator[str]:
        for _ in range(20):
            room.clock.sleep(1)
            yield "gota "

    for delivery, finish in ((1, "complete"), (2, "fallback")):
        room.model = ScriptedModel(dripping())
        room.start()
        room.say(QUESTION)
        room.work(attempt=delivery)
        assert room.seen()[-1]["finish"] == finish


def test_one_enormous_piece_is_cut_as_well() -> None:
    room = Room(ScriptedModel(["x" * 100_000]))
    room.start()
    reply = room.ask(QUESTION)
    assert reply["finish"] == "truncated" and len(reply["content"]) == 12_000


def test_a_model_that_does_not_stop_is_cut_where_an_item_ends() -> None:
    room = Room(ScriptedModel(["🧽" * 1000] * 50), DELTA_INTERVAL_MS="0")
    room.start()
    reply = room.ask(QUESTION)
    assert reply["finish"] == "truncated" and 11_990 < len(reply["content"].encode()) <= 12_000
    assert joined(last_attempt(room.seen(), reply["messageId"])) == reply["content"]
