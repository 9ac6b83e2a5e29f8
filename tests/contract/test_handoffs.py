"""What every store of hand-offs promises, run over each adapter."""

from msgspec.structs import replace

from chalicelib.chat.model import Handoff
from chalicelib.chat.people import Handoffs


def waiting(session_id: str = "s") -> Handoff:
    return Handoff(session_id=session_id, at=1, reason="person", summary="Limpeza\nsocorro " * 500, user_type="client")


def test_a_handoff_is_kept_replaced_and_dropped(people: Handoffs) -> None:
    assert people.handoff("s") is None and people.handoffs() == []
    people.save_handoff(waiting())
    people.save_handoff(waiting("other"))
    taken = replace(waiting(), operator="ana", contact="a@example.com")
    people.save_handoff(taken)
    assert people.handoff("s") == taken
    assert sorted(one.session_id for one in people.handoffs()) == ["other", "s"]
    people.drop_handoff("s")
    people.drop_handoff("s")
    assert people.handoff("s") is None and people.handoffs() == [waiting("other")]
