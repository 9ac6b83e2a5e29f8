"""From an assistant to a person and back: called, taken over, answered, released, closed."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.chat import handoffs, office
from chalicelib.chat.contact import left_in
from chalicelib.chat.model import Header
from chalicelib.chat.protocol import decode
from chalicelib.errors import BadRequest, Conflict, Forbidden, NotFound, SettingsError, TooLarge
from chalicelib.settings import from_environment
from tests.chat.room import MESSAGE_ID, Room, ScriptedModel

ANA = "key:0123"
ALWAYS = {"OFFICE_HOURS": "always"}


@pytest.fixture
def room() -> Room:
    room = Room(ScriptedModel(*[["Uma ", "resposta."]] * 5), **ALWAYS)
    room.start()
    return room


def session_of(room: Room) -> str:
    connection = room.store.connection("tab")
    assert connection
    return connection.session_id


def header_of(room: Room) -> Header:
    tail = room.store.tail(session_of(room), 1)
    assert tail
    return tail.header


def take(room: Room, speaker: str = "Ana") -> str:
    handoffs.takeover(room.ports, session_of(room), ANA, speaker)
    return session_of(room)


def kinds(room: Room) -> list[str]:
    tail = room.store.tail(session_of(room), 50)
    assert tail
    return [message.kind for message in tail.messages]


def test_whoever_asks_for_a_person_waits_in_the_queue_with_a_reason_and_a_summary(room: Room) -> None:
    room.ask("Quanto custa uma faxina?")
    reply = room.ask("quero falar com um atendente")
    assert reply["escalated"] and "responde aqui mesmo" in reply["content"]
    (waiting,) = handoffs.queue(room.ports)
    assert (waiting.session_id, waiting.reason, waiting.operator) == (session_of(room), "person", "")
    assert "Limpeza" in waiting.summary and waiting.summary.endswith("quero falar com um atendente")
    room.ask("quero falar com uma pessoa!")
    assert handoffs.queue(room.ports) == [waiting]


def test_a_second_sign_of_frustration_calls_somebody_and_the_first_does_not(room: Room) -> None:
    assert not room.ask("já falei")["escalated"] and handoffs.queue(room.ports) == []
    assert room.ask("não resolveu")["escalated"]
    assert handoffs.queue(room.ports)[0].reason == "strong"


def test_an_operator_answers_and_the_person_sees_who(room: Room) -> None:
    room.ask("quero falar com um atendente")
    session_id = take(room)
    assert room.seen()[-1]["notice"] == "taken_over" and "Ana" in room.seen()[-1]["content"]
    said = handoffs.say(room.ports, session_id, ANA, "  Bom dia!\x00 ").message
    shown = room.seen()[-1]
    assert (shown["sender"], shown["content"], shown["seq"]) == ("operator", "**Ana:** Bom dia!", said.seq)
    assert handoffs.queue(room.ports)[0].operator == ANA
    for content, error in (("", BadRequest), ("x" * 2001, TooLarge)):
        with pytest.raises(error):
            handoffs.say(room.ports, session_id, ANA, content)


def test_what_an_operator_sends_again_is_said_once(room: Room) -> None:
    session_id = take(room)
    first = handoffs.say(room.ports, session_id, ANA, "Bom dia!", MESSAGE_ID.format(7))
    for _ in range(60):  # further back than a read brings
        handoffs.say(room.ports, session_id, ANA, "Um momento.")
    again = handoffs.say(room.ports, session_id, ANA, "Bom dia!", MESSAGE_ID.format(7))
    assert first.fresh and not again.fresh and again.message == first.message
    assert [frame["content"] for frame in room.seen()].count("**Ana:** Bom dia!") == 1


def test_while_a_person_holds_it_no_model_is_asked_and_each_message_has_its_outcome(room: Room) -> None:
    take(room)
    marker = room.ask("Quanto custa uma faxina?")
    assert (marker["sender"], marker["notice"]) == ("system", "held") and "Ana" in marker["content"]
    assert room.model.prompts == []
    tail = room.store.tail(session_of(room), 1)
    assert tail and tail.messages[0].provenance is None and tail.messages[0].finish is None


def test_an_emergency_is_answered_even_while_a_person_holds_it(room: Room) -> None:
    room.ask("quero falar com um atendente")
    take(room)
    answer = room.ask("socorro, está pegando fogo na cozinha")
    assert answer["sender"] == "assistant" and "193" in answer["content"]
    assert header_of(room).handoff == "held" and room.ask("obrigado")["notice"] == "held"


def test_a_takeover_ends_the_reply_in_flight(room: Room) -> None:
    accepted = room.say("Quanto custa uma faxina?")
    take(room)
    ended = next(frame for frame in room.seen() if frame.get("inReplyTo") == accepted.message_id)
    assert ended["finish"] == "cancelled"
    before = len(room.seen())
    room.work()
    assert len(room.seen()) == before and room.model.prompts == []


def test_a_reply_that_meets_the_operators_word_is_not_sent(room: Room) -> None:
    """The question was accepted between what the takeover read and its notice; the worker had read before, too."""

    class Interrupting(ScriptedModel):
        def stream(self, prompt: Any, timeout: float) -> Any:
            header = header_of(room)
            room.store.save_header(
                Header(
                    **{
                        **vars_of(header),
                        "handoff": "held",
                        "operator": ANA,
                        "speaker": "Ana",
                        "version": header.version + 1,
                    }
                )
            )
            handoffs.say(room.ports, header.session_id, ANA, "Eu respondo.")
            return super().stream(prompt, timeout)

    room.model = Interrupting(["Uma ", "resposta."])
    marker = room.ask("Quanto custa uma faxina?")
    assert marker["notice"] == "held"
    assert [f["sender"] for f in room.seen() if f["type"] == "message"][-2:] == ["operator", "system"]


def vars_of(header: Header) -> dict[str, Any]:
    return {name: getattr(header, name) for name in header.__struct_fields__}


def test_a_release_gives_it_back_and_does_not_call_again(room: Room) -> None:
    room.ask("já falei")
    room.ask("não resolveu")
    session_id = take(room)
    handoffs.release(room.ports, session_id, ANA)
    assert handoffs.queue(room.ports) == [] and room.seen()[-1]["notice"] == "released"
    assert not room.ask("não adianta")["escalated"]
    assert handoffs.queue(room.ports) == []
    assert room.ask("quero falar com uma pessoa")["escalated"]
    assert handoffs.queue(room.ports)[0].reason == "person"


def test_a_takeover_twice_is_one_and_another_operator_has_to_wait(room: Room) -> None:
    session_id = take(room)
    take(room)
    assert kinds(room).count("taken_over") == 1
    for act in (handoffs.release, handoffs.close):
        with pytest.raises(Conflict):
            act(room.ports, session_id, "key:9999")
    with pytest.raises(Conflict):
        handoffs.takeover(room.ports, session_id, "key:9999", "Bia")
    with pytest.raises(Conflict):
        handoffs.say(room.ports, session_id, "key:9999", "oi")
    with pytest.raises(NotFound):
        handoffs.takeover(room.ports, "nobody", ANA, "Ana")


def test_a_close_ends_the_conversation_for_all(room: Room) -> None:
    session_id = take(room)
    handoffs.close(room.ports, session_id, ANA)
    assert room.seen()[-1]["type"] == "sessionEnded" and handoffs.queue(room.ports) == []
    with pytest.raises(Conflict):
        handoffs.takeover(room.ports, session_id, ANA, "Ana")


def test_who_left_does_not_wait_any_more(room: Room) -> None:
    room.ask("quero falar com um atendente")
    room.clock.sleep(25 * 3600)
    assert handoffs.queue(room.ports) == []
    room.start("other")
    assert room.ports.handoffs.handoffs() == []


def test_a_watcher_sees_all_and_may_only_do_what_an_operator_does(room: Room) -> None:
    session_id = session_of(room)
    (shown,) = handoffs.watch(room.ports, "desk", "10.0.0.9", ANA, session_id)
    assert [message.seq for message in shown.messages] == [1]
    room.do("typing", isTyping=True)
    assert room.seen("desk")[-1]["sender"] == "user"
    room.ask("Quanto custa uma faxina?")
    assert {"replyStarted", "replyDelta", "message"} <= {frame["type"] for frame in room.seen("desk")}
    desk = room.store.connection("desk")
    assert desk
    said = decode_say("Posso ajudar?")
    with pytest.raises(Conflict):
        handoffs.act(room.ports, desk, said)
    take(room)
    assert handoffs.act(room.ports, desk, said)[0].client_message_id == MESSAGE_ID.format(1)
    assert room.seen()[-1]["sender"] == room.seen("desk")[-1]["sender"] == "operator"
    handoffs.act(room.ports, desk, decode_typing())
    assert (room.seen()[-1]["type"], room.seen()[-1]["sender"]) == ("typing", "operator")
    with pytest.raises(Forbidden):
        handoffs.act(room.ports, desk, decode_end())
    assert header_of(room).sockets == ("tab",)


def decode_say(content: str) -> object:
    return _decoded(action="sendMessage", clientMessageId=MESSAGE_ID.format(1), content=content)


def decode_typing() -> object:
    return _decoded(action="typing", isTyping=True)


def decode_end() -> object:
    return _decoded(action="endSession")


def _decoded(**frame: object) -> object:
    return decode(json.dumps(frame))


def test_outside_office_hours_the_person_is_told_when_and_can_leave_how_to_be_reached() -> None:
    room = Room()
    room.clock.seconds = datetime(2026, 11, 21, 22, tzinfo=ZoneInfo("America/Sao_Paulo")).timestamp()  # Saturday
    room.start()
    assert "segunda-feira às 08:00" in room.ask("quero falar com um atendente")["content"]
    noted = room.ask("meu telefone é (11) 98888-7777")
    assert "(11) 98888-7777" in noted["content"]
    assert handoffs.queue(room.ports)[0].contact == "(11) 98888-7777"


@pytest.mark.parametrize(
    ("hours", "at", "opens"),
    [
        ("always", "2026-11-22 03:00", None),
        ("mon-fri 08:00-20:00", "2026-11-23 08:00", None),
        ("mon-fri 08:00-20:00", "2026-11-23 20:00", "2026-11-24 08:00"),
        ("mon-fri 08:00-20:00, sat 09:00-14:00", "2026-11-20 21:00", "2026-11-21 09:00"),
        ("mon 08:00-12:00, mon 13:00-18:00", "2026-11-23 12:30", "2026-11-23 13:00"),
        ("mon 08:00-09:00", "2026-11-23 10:00", "2026-11-30 08:00"),
        ("fri-mon 08:00-20:00", "2026-11-22 10:00", None),
        ("fri-mon 08:00-20:00", "2026-11-24 10:00", "2026-11-27 08:00"),
        ("fri 20:00-02:00", "2026-11-28 01:30", None),
        ("fri 20:00-02:00", "2026-11-28 02:00", "2026-12-04 20:00"),
    ],
)
def test_when_somebody_is_there(hours: str, at: str, opens: str | None) -> None:
    zone = ZoneInfo("America/Sao_Paulo")
    now = int(datetime.fromisoformat(at).replace(tzinfo=zone).timestamp() * 1000)
    found = office.opens_at(from_environment({"OFFICE_HOURS": hours}), now)
    assert (found and f"{found:%Y-%m-%d %H:%M}") == opens


def test_office_hours_that_are_none_are_refused() -> None:
    for wrong in ("8-20", "seg 08:00-20:00", "mon 25:00-26:00", "mon 08:00"):
        with pytest.raises(SettingsError, match="OFFICE_HOURS"):
            from_environment({"OFFICE_HOURS": wrong})


@pytest.mark.parametrize(
    ("message", "contact"),
    [
        ("me escreve em ana.b+x@example.com.br, tá?", "ana.b+x@example.com.br"),
        ("11 98888-7777", "11 98888-7777"),
        ("+55 (11) 98888-7777", "+55 (11) 98888-7777"),
        ("zap 11 98888-7777 ou ana@example.com", "ana@example.com, 11 98888-7777"),
        ("pedido 1234", ""),
        ("meu pedido 20261234567", ""),
        ("cpf 123.456.789-09", ""),
        ("CPF: 12345678909", ""),
        ("CEP 01310-100", ""),
        ("meu cpf tem 123.456", ""),
    ],
)
def test_how_to_reach_somebody_is_found_in_what_they_write(message: str, contact: str) -> None:
    assert left_in(message) == contact
