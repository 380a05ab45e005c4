"""Signing in by a page in a browser, wherever that browser is: address and code, and the wait for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from conductor_tui.domain.diagnosis import sign_in_steps
from conductor_tui.domain.text import visible, visible_line
from conductor_tui.sessions.codex_setup import CodexSetup
from conductor_tui.ui.screens.ask import Ask

_ELSEWHERE = (
    "On this machine, that is all. On another one the browser ends on a page that it cannot open, "
    "http://localhost:1455/…: copy its address, press p and paste it here."
)


class SignInScreen(ModalScreen[bool]):
    """Returns True when the sign-in worked, False when the user went back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "cancel", "Back", show=False, priority=True),
        Binding("c", "copy('code')", "Copy the code", show=False),
        Binding("u", "copy('address')", "Copy the address", show=False),
        Binding("p", "paste", "Paste where the browser ended", show=False),
    ]

    def __init__(self, setup: CodexSetup, copy: Callable[[str, str], None], hand_over: Callable[[str], None]) -> None:
        """`copy` takes text and what it is; `hand_over` takes a pasted address and answers by `handed_over`."""
        super().__init__()
        self._setup = setup
        self._copy = copy
        self._hand_over = hand_over
        self._had_page = False
        self._remark = ""
        """What became of the address that was pasted."""

    def compose(self) -> ComposeResult:
        with Vertical(id="reading"):
            yield Static(Content.styled("Sign in with ChatGPT", "bold"))
            with VerticalScroll():
                yield Static(id="sign-in-text")
            yield Static(id="reading-keys")

    def on_mount(self) -> None:
        """Codex is being asked; what it says is looked at while this stands open."""
        self.setup_changed()
        self.set_interval(0.25, self.setup_changed)

    def setup_changed(self) -> None:
        """Codex named the page, or the sign-in ended."""
        waiting = self._setup.sign_in
        if waiting is not None:
            self._had_page = True
        elif self._had_page and not self._setup.sign_in_error:
            if self.is_current:  # else the field for the address is above; it goes first
                self.dismiss(True)
            return
        self.query_one("#sign-in-text", Static).update(self._text())
        keys = ["c copies the code", "u copies the address"] if waiting and waiting.code else []
        if waiting is not None and not waiting.code:
            keys = ["u copies the address", "p pastes where it ended"]
        self.query_one("#reading-keys", Static).update(Content.styled("   ".join([*keys, "esc back"]), "$text-muted"))

    def _text(self) -> Content:
        waiting = self._setup.sign_in
        if self._setup.sign_in_error:
            return Content.assemble(
                ("\n✕ ", "bold $text-error"), (visible(self._setup.sign_in_error), ""), "\n",
                *(f"\n→ {step}" for step in sign_in_steps(self._setup.sign_in_error)), "\n",
            )  # fmt: skip
        if waiting is None:
            return Content.styled("\nAsking Codex for a page …\n", "$text-muted")
        lines = [Content("")]
        if self._remark:
            lines += [Content.assemble(("! ", "bold $text-warning"), visible(self._remark)), Content("")]
        lines.append(Content("Open this page, on any device:"))
        lines.append(Content.styled(f"  {visible_line(waiting.url)}", "bold $text-primary"))
        if waiting.code:
            lines += [Content("and type this code:"), Content.styled(f"  {visible_line(waiting.code)}", "bold")]
        else:
            lines += [Content(""), Content(_ELSEWHERE)]
        return Content("\n").join([*lines, Content(""), Content.styled("Waiting …", "$text-muted")])

    def action_copy(self, what: str) -> None:
        """Copies the code or the address."""
        waiting = self._setup.sign_in
        text = (waiting.code if what == "code" else waiting.url) if waiting is not None else ""
        if text:
            self._copy(text, what)

    def action_paste(self) -> None:
        """Asks for the address on which a browser elsewhere ended."""

        def taken(pasted: str | None) -> None:
            if pasted:
                self._remark = "Handing it to Codex …"
                self._hand_over(pasted)

        if self._setup.sign_in is not None and not self._setup.sign_in.code:
            self.app.push_screen(Ask("The address on which the browser ended: http://localhost:1455/…"), taken)

    def handed_over(self, refusal: str) -> None:
        """Codex has the address, or `refusal` says why not."""
        self._remark = refusal
        if self.is_attached:
            self.setup_changed()

    def action_cancel(self) -> None:
        """Goes back without signing in."""
        self.dismiss(False)
