"""Two tabs of one person while the runtime loses, doubles and mixes up what goes to functions and to browsers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.server import Server
from tests.struck import QUESTIONS, follow
from tests.widget.conftest import OpenSite
from tests.widget.person import (
    IMPATIENT,
    answered,
    answers,
    assert_shown_is_stored,
    field,
    log,
    look_again,
    open_chat,
    own,
    say,
)

PLANS = {
    "delay": {"delay": 0.2},
    "drop": {"drop": 0.2},
    "duplicate": {"duplicate": 0.2},
    "reorder": {"reorder": 0.2},
    "gone": {"gone": 0.2},
    "all": {"all": 0.05},
}


@pytest.fixture(scope="module")
def unreliable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("data"), faults="seed=0")
    yield running
    running.stop()


@pytest.mark.parametrize("plan", PLANS)
def test_five_clicks_are_one_question_and_two_tabs_are_equal(
    open_site: OpenSite, unreliable: Server, plan: str
) -> None:
    first = open_site(url=unreliable.url, script=IMPATIENT)
    follow(unreliable, **PLANS[plan], seed=4, longest=0.1)
    open_chat(first)
    expect(answers(first)).to_have_count(1)
    second = open_site(url=unreliable.url, script=IMPATIENT, browser=first.context)
    open_chat(second)
    expect(answers(second)).to_have_count(1)
    field(first).fill(QUESTIONS[0])
    send = first.get_by_role("button", name="Enviar")
    send.evaluate("(button) => { for (let click = 0; click < 5; click += 1) button.click(); }")
    answered(first)
    say(second, QUESTIONS[1])
    answered(second, 2)
    assert sum(follow(unreliable)["struck"].values())
    for page in (first, second):
        look_again(page)
        answered(page, 2)
        expect(own(page)).to_have_text(list(QUESTIONS[:2]))
        expect(log(page).locator("article.sending")).to_have_count(0)
        assert_shown_is_stored(page, unreliable)
