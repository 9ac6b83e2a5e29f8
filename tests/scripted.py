"""A script that answers the page's frames in the server's place."""

from collections.abc import Callable

from playwright.sync_api import Page, WebSocketRoute

from tests.script import AT, Answer, BaseScript, Frame


class Script(BaseScript):
    def __init__(self, **answers: Answer) -> None:
        super().__init__(**answers)
        self._route: WebSocketRoute | None = None

    def __call__(self, route: WebSocketRoute) -> None:
        self._route = route
        self.opened += 1
        route.on_message(self.take)

    def send(self, text: str) -> None:
        assert self._route
        self._route.send(text)

    def hang_up(self) -> None:
        assert self._route
        self._route.close(code=1001)

    def greet(
        self, frame: Frame | None = None, *, history: tuple[Frame, ...] = (), session: str = "s1", more: bool = False
    ) -> None:
        self.say(
            "session",
            sessionId=session,
            resumeToken=f"token-{session}",
            resumed=bool(frame and frame.get("resumeToken")),
            assistantName="Sophie",
            userType="anonymous",
            locale="pt-BR",
            history=history,
            more=more,
            limits={"maxMessageLength": 2000},
            expiresAt=AT,
        )


def soon(page: Page, look: Callable[[], object], ceiling_ms: int = 15_000) -> None:
    """Wait until it is so; the page's frames are taken in meanwhile."""
    for _ in range(ceiling_ms // 50):
        if look():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not happen")
