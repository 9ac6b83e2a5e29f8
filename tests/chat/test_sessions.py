"""Opening, resuming and leaving a conversation."""

import dataclasses

import jwt
import pytest

from chalicelib.chat import limits, sessions
from chalicelib.errors import AtCapacity, Forbidden, NoSession, RateLimited, Unauthorized
from tests.chat.room import IDENTITY_KEY, Room, ScriptedModel


def identity(room: Room, key: str = IDENTITY_KEY, **claims: object) -> str:
    standard = {"sub": "ana", "name": "Ana Souza", "user_type": "client", "exp": room.clock.now() // 1000 + 300}
    return jwt.encode({**standard, **claims}, key, algorithm="HS256")


@pytest.mark.requirement("R2.6", "R3.2")
def test_a_visitor_is_greeted_by_the_assistants_name_and_the_page() -> None:
    room = Room()
    (session,) = room.start(context={"url": "https://x.example/meus-pedidos/"})
    (greeting,) = session.history
    assert "Sophie" in greeting.content and "pedido" in greeting.content and greeting.seq == 1
    assert not session.resumed and session.user_type == "anonymous" and greeting.suggestions


@pytest.mark.requirement("R4.1", "R5.5")
def test_a_signed_in_provider_is_greeted_by_name_and_offered_what_providers_ask() -> None:
    room = Room()
    (session,) = room.start(identityToken=identity(room, user_type="provider"))
    assert session.user_type == "provider" and "Ana!" in session.history[0].content
    assert "Como aceito um pedido?" in session.history[0].suggestions


def test_english_is_spoken_to_whoever_asks_for_it() -> None:
    room = Room()
    (session,) = room.start(locale="en-GB")
    assert session.locale == "en" and session.history[0].content.startswith("Hello!")


@pytest.mark.requirement("R3.4")
def test_an_error_page_is_met_with_an_offer_of_help() -> None:
    room = Room()
    (session,) = room.start(context={"url": "https://x.example/nada", "errorStatus": 404})
    assert "404" in session.history[0].content


@pytest.mark.requirement("R5.1", "R5.3")
def test_no_conversations_id_is_a_formula_to_a_spreadsheet() -> None:
    room = Room()
    opened = [room.start(f"tab{number}")[0].session_id for number in range(64)]
    assert len({*opened}) == 64 and not [one for one in opened if "-" in one]


def test_resuming_brings_the_conversation_back_with_a_new_token() -> None:
    room = Room(ScriptedModel(["Resposta."]))
    (first,) = room.start()
    room.ask("pergunta")
    (back,) = room.start("later", resumeToken=first.resume_token)
    assert back.resumed and back.session_id == first.session_id
    assert [m.sender for m in back.history] == ["assistant", "user", "assistant"]


def test_tokens_rotate_and_other_tabs_keep_working_with_theirs() -> None:
    room = Room()
    (first,) = room.start()
    tokens = [first.resume_token]
    for number in range(4):
        room.clock.sleep(60)
        tokens.append(room.start(f"tab{number}", resumeToken=tokens[-1])[0].resume_token)
        sessions.leave(room.ports, f"tab{number}")
    assert len(set(tokens)) > 1
    for token in tokens:
        assert room.start("again", resumeToken=token)[0].resumed


def test_with_last_seq_what_was_missed_follows_one_by_one() -> None:
    room = Room(ScriptedModel(["Um."], ["Dois."]))
    (first,) = room.start()
    room.ask("primeira")
    room.ask("segunda")
    session, *missed = room.start("later", resumeToken=first.resume_token, lastSeq=3)
    assert session.history == () and [m.seq for m in missed] == [4, 5]
    assert [m.content for m in missed] == ["segunda", "Dois."]


def test_too_much_missed_comes_as_the_newest_history() -> None:
    model = ScriptedModel(*[[f"R{n}."] for n in range(30)])
    room = Room(model, RATE_LIMIT_MESSAGES_PER_MINUTE="6000")
    (first,) = room.start()
    for number in range(30):
        room.ask(f"pergunta {number}")
    session, *missed = room.start("later", resumeToken=first.resume_token, lastSeq=1)
    assert not missed and len(session.history) == 50 and session.more and session.history[-1].content == "R29."


def test_a_history_frame_stays_within_its_limit() -> None:
    model = ScriptedModel(*[["x" * 5000]] * 10)
    room = Room(model, RATE_LIMIT_MESSAGES_PER_MINUTE="6000")
    (first,) = room.start()
    for number in range(10):
        room.ask(f"pergunta {number}")
    (session,) = room.start("later", resumeToken=first.resume_token)
    assert 1 < len(session.history) < 21 and session.more and session.history[-1].seq == 21


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "the session id"])
def test_a_stranger_with_the_session_id_or_a_made_up_token_is_refused(token: str) -> None:
    room = Room()
    (first,) = room.start()
    made_up = first.session_id if token == "the session id" else token
    with pytest.raises(Forbidden):
        room.start("stranger", resumeToken=made_up)


def test_a_token_signed_with_another_key_is_refused() -> None:
    room = Room()
    (first,) = room.start()
    claims = jwt.decode(first.resume_token, options={"verify_signature": False})
    with pytest.raises(Forbidden):
        room.start("stranger", resumeToken=jwt.encode(claims, "x" * 40, algorithm="HS256"))


def test_an_unsigned_token_is_refused() -> None:
    room = Room()
    (first,) = room.start()
    claims = jwt.decode(first.resume_token, options={"verify_signature": False})
    with pytest.raises(Forbidden):
        room.start("stranger", resumeToken=jwt.encode(claims, None, algorithm="none"))


def test_an_older_key_still_opens_after_a_new_one_is_put_before_it() -> None:
    room = Room()
    (first,) = room.start()
    newer = "a-newer-key-of-thirty-two-characters-or-more"
    room.ports = dataclasses.replace(room.ports, token_keys=(newer, *room.ports.token_keys))
    assert room.start("later", resumeToken=first.resume_token)[0].resumed


@pytest.mark.requirement("R5.3")
def test_coming_back_within_a_day_finds_the_conversation_and_later_a_new_one() -> None:
    room = Room()
    (first,) = room.start()
    room.clock.sleep(23.9 * 3600)
    (back,) = room.start("next-day", resumeToken=first.resume_token)
    assert back.resumed
    room.clock.sleep(24 * 3600)
    (fresh,) = room.start("too-late", resumeToken=back.resume_token)
    assert not fresh.resumed and fresh.session_id != first.session_id


def test_signing_in_binds_the_conversation_and_voids_the_visitors_tokens() -> None:
    room = Room()
    (first,) = room.start()
    (bound,) = room.start(resumeToken=first.resume_token, identityToken=identity(room))
    assert bound.resumed and bound.user_type == "client"
    with pytest.raises(Forbidden):
        room.start("thief", resumeToken=first.resume_token)
    with pytest.raises(Forbidden):
        room.start("thief", resumeToken=bound.resume_token)
    with pytest.raises(Forbidden):
        room.start("other", resumeToken=bound.resume_token, identityToken=identity(room, sub="bia"))
    assert room.start("home", resumeToken=bound.resume_token, identityToken=identity(room))[0].resumed


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": 9_999_999_999},
        {"exp": "soon"},
        {"user_type": "admin"},
        {"sub": ""},
        {"sub": 7},
    ],
)
def test_a_wrong_identity_is_refused(claims: dict[str, object]) -> None:
    room = Room()
    with pytest.raises(Unauthorized):
        room.start(identityToken=identity(room, **{str(k): v for k, v in claims.items()}))


def test_an_identity_of_another_issuer_is_refused() -> None:
    room = Room()
    with pytest.raises(Unauthorized):
        room.start(identityToken=identity(room, key="another-issuers-key-0123456789012345"))


def test_signing_in_lets_go_of_the_sockets_of_the_visitor() -> None:
    room = Room(ScriptedModel(["Só sua."]))
    (first,) = room.start("old")
    room.start(resumeToken=first.resume_token, identityToken=identity(room))
    room.ask("pergunta")
    assert not room.seen("old")
    with pytest.raises(NoSession):
        room.say("posso ler?", "old")


def test_a_socket_listens_to_one_conversation_at_a_time() -> None:
    room = Room(ScriptedModel(["Da primeira."]))
    (first,) = room.start("tab")
    room.start("other", resumeToken=first.resume_token)
    (second,) = room.start("tab", identityToken=identity(room))
    room.say("pergunta", "other")
    room.work()
    assert second.session_id != first.session_id and not room.seen("tab")


def test_a_start_that_comes_twice_opens_one_conversation() -> None:
    room = Room()
    (first,) = room.start("tab")
    (second,) = room.start("tab")
    assert second.session_id == first.session_id and second.history == first.history
    room.do("endSession")
    (third,) = room.start("tab")
    assert third.session_id != first.session_id and not third.resumed


def test_a_token_of_a_host_whose_clock_is_a_little_ahead_is_good() -> None:
    room = Room()
    soon = room.clock.now() / 1000
    token = identity(room, exp=soon + 3630.5, nbf=soon + 30, name="Ana [x](https://evil.example) *Souza*")
    (session,) = room.start(identityToken=token)
    assert "Ana" in session.history[0].content and "](" not in session.history[0].content
    with pytest.raises(Unauthorized):
        room.start("early", identityToken=identity(room, nbf=soon + 600))


def test_actions_have_a_limit_of_their_own() -> None:
    room = Room(RATE_LIMIT_ACTIONS_PER_MINUTE="3")
    room.start()
    connection = sessions.connection_of(room.ports, "tab")
    for _ in range(3):
        limits.admit_action(room.ports, connection)
    with pytest.raises(RateLimited):
        limits.admit_action(room.ports, connection)


def test_a_person_has_so_many_connections() -> None:
    room = Room(MAX_CONNECTIONS_PER_USER="2")
    for number in range(2):
        room.start(f"tab{number}", identityToken=identity(room))
    with pytest.raises(AtCapacity) as refused:
        room.start("tab2", identityToken=identity(room))
    assert refused.value.retry_after
    sessions.leave(room.ports, "tab0")
    room.start("tab2", identityToken=identity(room))


def test_conversations_beyond_the_limit_are_told_to_come_back() -> None:
    room = Room(MAX_CONCURRENT_SESSIONS="2")
    (first,) = room.start("a")
    room.start("b")
    with pytest.raises(AtCapacity):
        room.start("c")
    room.start("d", resumeToken=first.resume_token)  # another tab of an open conversation
    sessions.leave(room.ports, "b")
    room.start("c")


def test_an_address_has_so_many_sockets() -> None:
    room = Room(MAX_CONNECTIONS_PER_IP="2")
    for number in range(2):
        limits.admit_socket(room.ports, f"c{number}", "10.0.0.1")
    with pytest.raises(AtCapacity):
        limits.admit_socket(room.ports, "c2", "10.0.0.1")
    limits.admit_socket(room.ports, "c3", "10.0.0.2")


def test_nothing_works_before_a_session() -> None:
    room = Room()
    with pytest.raises(NoSession):
        room.do("endSession", "nobody")


def test_leaving_twice_or_without_a_session_is_harmless() -> None:
    room = Room()
    room.start()
    for connection_id in ("tab", "tab", "never seen"):
        sessions.leave(room.ports, connection_id)
    assert room.ports.presence.count(sessions.OPEN_SESSIONS) == 0


def test_a_socket_that_left_is_not_listed_any_more() -> None:
    room = Room()
    (first,) = room.start()
    room.start("second", resumeToken=first.resume_token)
    sessions.leave(room.ports, "second")
    tail = room.store.tail(first.session_id, 1)
    assert tail and tail.header.sockets == ("tab",) and room.store.connection("second") is None


def test_a_socket_whose_disconnect_was_lost_is_forgotten_after_the_next_reply() -> None:
    room = Room(ScriptedModel(["Oi."]))
    (first,) = room.start()
    room.start("second", resumeToken=first.resume_token)
    room.outbox.gone.add("second")
    room.ask("olá")
    tail = room.store.tail(first.session_id, 1)
    assert tail and tail.header.sockets == ("tab",)
