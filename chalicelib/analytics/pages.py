"""A report as people pass it on: Markdown for a message, CSV for a spreadsheet, a page with charts to print."""

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from string import Template

from chalicelib.analytics import calendar, charts
from chalicelib.analytics.reports import Report
from chalicelib.analytics.tables import Table, tables
from chalicelib.analytics.texts import Words, words

_FORMULA = re.compile(r"[=+\-@\t\r]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|])")
_ESCAPED = r"\\\1"


def markdown(report: Report, locale: str) -> str:
    said = words(locale)
    parts = [f"# {said['title']}", _week(report, said)]
    for table in tables(report, said):
        parts += [f"## {said['sections'][table.name]}", _markdown_table(table)]
    return "\n\n".join((*parts, _counted_until(report, said))) + "\n"


def spreadsheet(report: Report, locale: str) -> str:
    """CSV as Excel opens it in Brazil too: a byte order mark; a semicolon where the comma is the decimal's.

    Each row begins with the section it is of. No cell is taken for a formula.
    """
    said, sheet = words(locale), io.StringIO()
    writer = csv.writer(sheet, delimiter=";" if said["decimal"] == "," else ",")
    for table in tables(report, said):
        section = said["sections"][table.name]
        writer.writerows([harmless(cell) for cell in (section, *row)] for row in (table.heading, *table.rows))
    return "\ufeff" + sheet.getvalue()


def page(report: Report, locale: str) -> str:
    """A whole page that loads nothing and runs nothing; every chart has its table beside it."""
    said = words(locale)
    sections = "".join(_section(report, table, said) for table in tables(report, said))
    return _template().substitute(
        lang=locale,
        title=html.escape(f"{said['title']} {report.week}"),
        heading=html.escape(said["title"]),
        week=html.escape(_week(report, said)),
        sections=sections,
        counted=html.escape(_counted_until(report, said)),
    )


def harmless(cell: str) -> str:
    """A cell that a spreadsheet shows and does not compute: an apostrophe goes before `= + - @`, tab and return."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


FORMATS: dict[str, tuple[str, Callable[[Report, str], str]]] = {
    "csv": ("text/csv; charset=utf-8", spreadsheet),
    "markdown": ("text/markdown; charset=utf-8", markdown),
    "html": ("text/html; charset=utf-8", page),
}
ENDINGS = {"csv": "csv", "markdown": "md", "html": "html"}


def _week(report: Report, said: Words) -> str:
    text = str(said["week"])
    told = text.format(week=report.week, since=said.day(report.since), until=said.day(report.until))
    return told if report.cards.sessions or report.cards.turns else f"{told}. {said['none']}"


def _counted_until(report: Report, said: Words) -> str:
    at = report.counted_until.astimezone(calendar.zone_of(report.time_zone)) if report.counted_until else None
    text = str(said["counted_until"])
    return text.format(at=f"{said.day(at)} {at:%H:%M}" if isinstance(at, datetime) else "–", zone=report.time_zone)


def _markdown_table(table: Table) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return f"| {' | '.join(_MARKDOWN.sub(_ESCAPED, cell) for cell in cells)} |"

    rule = "|".join(("", "---", *("---:" for _ in table.heading[1:]), ""))
    return "\n".join((line(table.heading), rule, *map(line, table.rows)))


def _section(report: Report, table: Table, said: Words) -> str:
    name = said["sections"][table.name]
    heading = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in table.heading)
    rows = "".join(f"<tr>{_row(row)}</tr>" for row in table.rows)
    body = f"<table><thead><tr>{heading}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<section><h2>{html.escape(name)}</h2>{_chart(report, table, said)}{body}</section>"


def _row(cells: tuple[str, ...]) -> str:
    first, *others = map(html.escape, cells)
    return f'<th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}'


def _chart(report: Report, table: Table, said: Words) -> str:
    if table.name == "days":
        labels = [said.weekday(day.date) for day in report.days]
        return charts.columns(labels, [day.cards.sessions for day in report.days], said["columns"]["sessions"])
    if table.name == "peak_hours":
        return charts.columns([str(hour) for hour in range(24)], report.turns_by_hour, said["sections"]["hours"])
    if table.name == "outcomes":
        ended = {text: getattr(report.cards.resolution, name) for name, text in said["outcomes"].items()}
        return charts.shares(list(ended), list(ended.values()), said["sections"]["outcomes"])
    return ""


@lru_cache
def _template() -> Template:
    return Template((files("chalicelib") / "analytics" / "report.html").read_text("utf-8"))
