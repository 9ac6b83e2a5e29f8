"""Functions that no browser calls: the worker of the queue of turns, its dead letters, the sweep, imports."""

from chalice.app import SQSEvent
from msgspec import MsgspecError

from chalicelib.chat import compose, replies, turns
from chalicelib.chat.model import decode_turn
from chalicelib.knowledge import jobs
from chalicelib.services import Services, sow

DEAD = compose.LAST_MODEL_ATTEMPT + 1


def reply(event: SQSEvent, services: Services) -> None:
    """Answer each turn; a raise makes the queue deliver it again."""
    for record in event.to_dict()["Records"]:
        attempt = int(record["attributes"]["ApproximateReceiveCount"])
        try:
            replies.answer(services.ports, decode_turn(record["body"]), attempt)
        except Exception:
            services.ports.queue.release(record["receiptHandle"])
            raise


def dead_letter(event: SQSEvent, services: Services) -> None:
    """A turn whose worker died every time: store and send what can be said without a model.

    A raise leaves it in the queue for later. What is no turn would stay for ever, and is dropped.
    """
    for record in event.to_dict()["Records"]:
        services.logger.error("turn given up", message_id=record["messageId"])
        try:
            turn = decode_turn(record["body"])
        except MsgspecError:
            services.logger.exception("not a turn; dropped", message_id=record["messageId"])
            continue
        replies.answer(services.ports, turn, DEAD)


def sweep(services: Services) -> None:
    """Bring in what is new in the seed; queue again what slipped: questions older than 3 minutes without an outcome."""
    sow(services.knowledge_store)
    found = turns.requeue_forgotten(services.ports)
    if found:
        services.logger.warning("turns queued again", count=found)


def work(services: Services) -> None:
    """Do the imports that wait, and those that somebody left who died."""
    if done := jobs.work(services.office):
        services.logger.info("jobs done", count=done)
