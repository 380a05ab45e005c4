"""A terminal that sends anything at all does not bring the app down."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable

from tests.e2e.app import App

PIECES = [
    b"\x1b", b"\x1b[", b"\x1bO", b"\x1b[A", b"\x1b[200~paste \x02\x1a of \x1b[31m text\x1b[201~",
    b"\x1b[999;999R", b"\x1b[?2026;9$y",
    b"\x1b]10;rgb:zz/zz/zz\x07", b"\x1bP>|odd\x1b\\", b"\x1b[<0;9999;9999M", b"\x1b[<35;1;1m",
    b"\x1b[I", b"\x1b[O", b"\xff\xfe", b"\xf0\x9f", b"\xe6\xbc\xa2", b"\x00", b"\x08", b"\t", b"\x1b[Z",
    b"\x07", b"\x0c", b"\x10", b"\x13", b"\x0f", b"?", b"/", b"a",
    b"\x1b[1;5D", b"\x1b[5~", b"\x7f", b"\x14", b"\n",
]  # fmt: skip


def test_random_input_is_survived(app: App) -> None:
    choose = random.Random(20_261_124)
    for _ in range(40):
        app.send(b"".join(choose.choice(PIECES) for _ in range(25)))
        app.wait_quiet(0.05)
    app.wait_quiet(0.5)
    assert app.process.poll() is None, app.text()
    for _ in range(6):  # out of whatever is open
        app.press("esc")
        app.wait_quiet(0.2)
    app.wait_for("GPT-")
    assert app.leave() == 0


def test_a_screen_that_others_wrote_to_is_drawn_again_when_one_looks_at_it_or_goes_on(app: App) -> None:
    app.wait_for("workspaces")
    app.wait_quiet(0.3)
    before = app.text()
    repairs: tuple[Callable[[], None], ...] = (
        lambda: app.send("\x1b[I"),
        lambda: os.kill(app.process.pid, signal.SIGCONT),
    )
    for repair in repairs:
        app.draw_over("\x1b[1m\x1b[3;3Hgarbage\x1b[5;1H\x1b[2K\x1b[10;70Hmore")
        assert "garbage" in app.text()
        repair()
        app.wait_for("garbage", absent=True)
        app.wait_quiet(0.3)
        assert app.text() == before
    app.resize(90, 20)
    app.resize(140, 40)  # before the app has looked: it is told of one size, the one it has
    app.wait_until(lambda text: text == before, what="the screen as it was")
    app.type("one reader gets every key")
    assert app.leave() == 0
