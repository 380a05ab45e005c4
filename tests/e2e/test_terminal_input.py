"""A terminal that sends anything at all does not bring the app down."""

from __future__ import annotations

import random

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
