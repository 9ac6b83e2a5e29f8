"""Who waits for a person of the team, in the one DynamoDB table: a partition that is as long as the queue."""

import msgspec

from chalicelib.adapters.dynamodb_tables import items_of, pack, unpack, vendor_errors
from chalicelib.chat.model import Handoff
from chalicelib.settings import Settings

HANDOFFS = "H"


class DynamoDBPeople:
    """The Handoffs port. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is asked of DynamoDB yet."""
        self._items = items_of(settings)

    def handoff(self, session_id: str) -> Handoff | None:
        with vendor_errors():
            try:
                item = self._items.get(HANDOFFS, session_id, consistent_read=True)
            except self._items.DoesNotExist:
                return None
        return msgspec.json.decode(unpack(item), type=Handoff)

    def save_handoff(self, handoff: Handoff) -> None:
        with vendor_errors():
            self._items(HANDOFFS, handoff.session_id, body=pack(msgspec.json.encode(handoff))).save()

    def drop_handoff(self, session_id: str) -> None:
        with vendor_errors():
            self._items(HANDOFFS, session_id).delete()

    def handoffs(self) -> list[Handoff]:
        with vendor_errors():
            found = list(self._items.query(HANDOFFS, consistent_read=True))
        return [msgspec.json.decode(unpack(item), type=Handoff) for item in found]
