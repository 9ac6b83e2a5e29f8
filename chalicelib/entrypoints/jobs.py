"""Functions that no browser calls: the worker of the queue of turns, its dead letters, and what runs on a schedule."""

from chalice.app import SQSEvent
from msgspec import MsgspecError

from chalicelib.analytics import calendar, pages, reports, rollups
from chalicelib.chat import compose, notices, replies, turns
from chalicelib.chat.model import decode_turn
from chalicelib.chat.texts import LOCALES
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


def rollup(services: Services) -> None:
    """Count the hours that have ended since the last time."""
    _count(services, rollups.LATE)


def rollup_daily(services: Services) -> None:
    """Read the last two days again, for what came late."""
    _count(services, rollups.DAILY_LATE)


def weekly_report(services: Services) -> None:
    """Write last week's report, in every language and form, to the blobs: `report-2026-W47.en.html` and its kin."""
    _count(services, rollups.LATE)
    counting = services.counting
    monday = calendar.last_monday(counting.today(services.ports.clock.now()))
    titles = {entry.id: entry.title for entry in services.library.store.entries()}
    report = reports.weekly(counting, monday, titles)
    for locale in LOCALES:
        for name, (_, write) in pages.FORMATS.items():
            file = f"report-{report.week}.{locale}.{pages.ENDINGS[name]}"
            if not services.blobs.put(file, write(report, locale).encode()):
                services.logger.warning("weekly report not kept; REST gives it all the same", file=file)
    services.logger.info("weekly report written", week=report.week, sessions=report.cards.sessions)


def _count(services: Services, late: int) -> None:
    """Hour by hour, so that a function that runs out of time has not done it for nothing."""
    if not services.settings.enable_analytics:
        return
    counting = services.counting
    hours = rollups.due(counting, services.ports.clock.now(), late)
    for _ in rollups.roll(counting, hours):
        pass
    services.logger.info("hours counted", hours=len(hours))


def work(services: Services) -> None:
    """Do the imports and notifications that wait, and those that somebody left who died."""
    if done := jobs.work(services.office):
        services.logger.info("jobs done", count=done)
    if sent := notices.go_on(services.ports):
        services.logger.info("notifications sent on", count=sent)
