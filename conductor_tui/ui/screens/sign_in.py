"""Signing in by a page in a browser, wherever that browser is: address and code, and the wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from conductor_tui.domain.diagnosis import sign_in_steps
from conductor_tui.domain.text import visible, visible_line
from conductor_tui.ui.changes import Shown
from conductor_tui.ui.dialogs.input import Ask

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

_ELSEWHERE = (
    "On this machine, nothing else is needed. On another one, the browser ends on a page that it cannot open, "
    "http://localhost:1455/…: copy its address, press p and paste it here."
)


class SignInScreen(ModalScreen[bool]):
    """Returns True when the sign-in worked, False when the user went back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "cancel", "Back", show=False, priority=True),
        Binding("c", "copy('code')", "Copy the code", show=False),
        Binding("u", "copy('address')", "Copy the address", show=False),
        Binding("p", "paste", "Paste the redirect address", show=False),
    ]

    def __init__(self, ctx: UiContext) -> None:
        super().__init__()
        self._ctx = ctx
        self._setup = ctx.manager.setup
        self._had_page = False
        self._note = ""
        """What became of the address that was pasted."""

    def compose(self) -> ComposeResult:
        with Vertical(id="reading"):
            yield Static(Content.styled("Sign in with ChatGPT", "bold"))
            with VerticalScroll():
                yield Static(id="sign-in-text")
            yield Static(id="reading-keys")

    def on_mount(self) -> None:
        self._ctx.changes.subscribe(self, Shown.SESSION, self.setup_changed)
        self.setup_changed()

    def on_screen_resume(self) -> None:
        """The field for the address has closed; the sign-in may have ended behind it."""
        self.setup_changed()

    def setup_changed(self) -> None:
        """Codex named the page, or the sign-in ended."""
        if not self.is_attached:
            return
        waiting = self._setup.sign_in
        if waiting is not None:
            self._had_page = True
        elif self._had_page and not self._setup.sign_in_error:
            if self.is_current:  # else the field for the address is above, and closes first
                self.dismiss(True)
            return
        self.query_one("#sign-in-text", Static).update(self._text())
        keys = ["c copy the code", "u copy the address"] if waiting and waiting.code else []
        if waiting is not None and not waiting.code:
            keys = ["u copy the address", "p paste the redirect address"]
        self.query_one("#reading-keys", Static).update(Content.styled(" · ".join([*keys, "Esc cancel"]), "$text-muted"))

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
        if self._note:
            lines += [Content.assemble(("! ", "bold $text-warning"), visible(self._note)), Content("")]
        lines.append(Content("Open this page on any device:"))
        lines.append(Content.styled(f"  {visible_line(waiting.url)}", "bold $text-primary"))
        if waiting.code:
            lines += [Content("Enter this code:"), Content.styled(f"  {visible_line(waiting.code)}", "bold")]
        else:
            lines += [Content(""), Content(_ELSEWHERE)]
        return Content("\n").join([*lines, Content(""), Content.styled("Waiting …", "$text-muted")])

    def action_copy(self, what: str) -> None:
        """Copies the code or the address."""
        waiting = self._setup.sign_in
        text = (waiting.code if what == "code" else waiting.url) if waiting is not None else ""
        if text:
            self._ctx.copy(text, what)

    def action_paste(self) -> None:
        """Asks for the address on which a browser on another machine ended."""
        if self._setup.sign_in is not None and not self._setup.sign_in.code:
            self._ctx.run("Could not hand over the address", self._hand_over())

    async def _hand_over(self) -> None:
        pasted = await self._ctx.ask(Ask("Address on which the browser ended: http://localhost:1455/…"))
        if not pasted:
            return
        self._note = "Sending it to Codex …"
        self.setup_changed()
        self._note = await self._setup.hand_over(await self._ctx.manager.connection.agent(), pasted)
        self.setup_changed()

    def action_cancel(self) -> None:
        """Goes back without signing in."""
        self.dismiss(False)
