"""How many sockets, and how many actions, somebody may have; messages are counted where they are accepted."""

from chalicelib.chat.model import Connection
from chalicelib.chat.ports import Bucket, Place, Ports
from chalicelib.errors import AtCapacity, RateLimited

CAPACITY_RETRY_SECONDS = 30.0


def admit_socket(ports: Ports, connection_id: str, ip: str) -> None:
    """Count a new socket. Raises AtCapacity when its address has too many."""
    place = Place(f"address:{ip}", connection_id, ports.settings.max_connections_per_ip)
    if not ports.presence.arrive(connection_id, (place,)):
        raise AtCapacity(retry_after=CAPACITY_RETRY_SECONDS)


def admit_action(ports: Ports, connection: Connection) -> None:
    """Count an action that is not a message. Raises RateLimited."""
    limit = ports.settings.rate_limit_actions_per_minute
    wait = ports.limiter.take((Bucket(f"actions:{connection.owner}", limit, limit),)).wait
    if wait:
        raise RateLimited(retry_after=wait)
