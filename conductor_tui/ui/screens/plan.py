"""The plan view: a proposed plan, step by step, with the user's comments.

It owns the cursor, the comment field and the lines below it; ui/actions/plan_decision.py acts on the whole plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from conductor_tui.domain.items import PlanText
from conductor_tui.domain.plans import Remark, placed, remarks, shortened, title
from conductor_tui.domain.text import visible_line
from conductor_tui.services.sessions.session import Session
from conductor_tui.ui.actions import plan_decision
from conductor_tui.ui.changes import Shown
from conductor_tui.ui.commands.catalogue import commands_of
from conductor_tui.ui.commands.keymap import actions_by_key, key_text
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.presentation import plan as present
from conductor_tui.ui.presentation.main import no_palette
from conductor_tui.ui.presentation.markdown import Part
from conductor_tui.ui.widgets.plan_field import PlanField
from conductor_tui.ui.widgets.plan_view import PlanView

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

REVISION = "revision"
"""Name of the field for what a revision should change; the other fields are named by their step's number."""


class PlanScreen(Screen[None]):
    """One plan of one session, over the main screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "back", show=False),
        Binding("ctrl+p", "no_palette", id="app.palette", show=False, priority=True),
    ]

    def __init__(self, ctx: UiContext, session: Session, plan: PlanText) -> None:
        super().__init__(id="plan")
        self.ctx = ctx
        self.session = session
        self.plan = plan
        self.plans = ctx.manager.plans
        self.steps: Sequence[Part] = present.steps(plan.text)
        self.comments = placed(self.plans.comments(session, plan), [step.text for step in self.steps])
        self.is_busy = False
        """Whether the plan is on its way to Codex."""
        self._actions = actions_by_key(Pane.PLAN, ctx.keys)
        self._field_name: str | None = None
        """Which field is open."""

    def compose(self) -> ComposeResult:
        yield PlanView(id="plan-view")
        with Vertical(id="plan-field-box"):
            yield PlanField(id="plan-field", take=self._take, keep=self._keep)
        yield Static(id="plan-note")
        yield Static(id="plan-keys")

    def on_mount(self) -> None:
        self.view.border_title = Content(f"plan · {title(self.plan.text)}".removesuffix(" · "))
        self.set_focus(self.view)
        self.ctx.changes.subscribe(self, Shown.SESSION, self.follow)
        self._draw()

    def on_resize(self) -> None:
        """The keys wrap at another width."""
        self.follow()

    # What the keys act on

    @property
    def view(self) -> PlanView:
        return self.query_one(PlanView)

    @property
    def step(self) -> int:
        """The step under the cursor, from 0."""
        return self.view.step

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """The comments, each with its step."""
        return remarks([step.text for step in self.steps], self.comments)

    def follow(self) -> None:
        """The session moved on: other keys may apply now."""
        if self.is_current and self.query("#plan-keys"):
            self._draw_keys()

    def tell(self, text: str, severity: str = "information") -> None:
        """A note above the keys; on the main screen when the plan view is closed."""
        if not self.is_current:
            self.ctx.tell(text, severity)
            return
        note = self.query_one("#plan-note", Static)
        note.update(Content.styled(visible_line(text), "$text-warning" if severity == "warning" else "$text-accent"))
        note.display = bool(text)

    # Keys

    async def on_key(self, event: events.Key) -> None:
        """Here and not by bindings, which run late: what is typed behind `c` belongs to the field that it opens."""
        action = self._actions.get(event.key, "")
        if self._field_name is not None:
            action = "back" if event.key == "escape" else ""
        if action:
            event.stop()
            event.prevent_default()
            await self.run_action(action)

    def action_cursor(self, step: int) -> None:
        """A step up or down."""
        self.view.move_to(self.view.step + step)
        self._draw_keys()

    def action_page(self, step: int) -> None:
        """A page up or down."""
        self.view.page(step)
        self._draw_keys()

    def action_edge(self, side: int) -> None:
        """The first or last step."""
        self.view.move_to(0 if side < 0 else len(self.steps) - 1)
        self._draw_keys()

    def action_comment(self) -> None:
        """Opens the field for the step under the cursor."""
        if self._is_refused("plan.comment"):
            return
        at = self.view.step
        name = str(at)
        text = self.plans.unsent(self.session, self.plan, name) or self.comments.get(at, "")
        self._open(name, text, f"comment on: {shortened(self.steps[at].text)}", "Your comment on this step")

    def action_uncomment(self) -> None:
        """Deletes the comment of a step; the comment field still has its text."""
        if self._is_refused("plan.uncomment"):
            return
        at = self.view.step
        self.plans.keep_unsent(self.session, self.plan, str(at), self.comments.pop(at))
        self._store_comment(at, "")
        key = key_text(self.ctx.keys, "plan.comment")
        self.tell(f"Comment deleted. {key} brings its text back" if key else "Comment deleted")

    def action_revise(self) -> None:
        """Asks what the revision should change; the comments are sent with it."""
        if self._is_refused("plan.revise"):
            return
        text = self.plans.unsent(self.session, self.plan, REVISION)
        with_them = f"revise · with {present.counted(len(self.comments))}" if self.comments else "revise"
        hint = "Anything else? (optional)" if self.comments else "What should change?"
        self._open(REVISION, text, with_them, hint)

    def action_hand(self, name: str) -> None:
        """Implements, copies or leaves the plan."""
        if not self._is_refused(f"plan.{name}"):
            plan_decision.hand(self, name)

    def action_back(self) -> None:
        """Leaves the field, which keeps its text; else goes back to the transcript."""
        if self._field_name is not None:
            self._close()
        else:
            self.dismiss(None)

    def action_no_palette(self) -> None:
        """The palette's commands act on the main screen."""
        self.tell(no_palette(self.ctx.keys, "plan.back"))

    def _is_refused(self, command_id: str) -> bool:
        reason = plan_decision.reasons(self).get(command_id, "")
        self.tell(f"Not now: {reason}" if reason else "", "warning")
        return bool(reason)

    # The field

    @property
    def _field(self) -> PlanField:
        return self.query_one(PlanField)

    def _open(self, name: str, text: str, subject: str, hint: str) -> None:
        box = self.query_one("#plan-field-box")
        box.border_title = Content(subject)
        box.display = True
        self._field_name = name
        self._field.begin(text, hint)
        self.view.can_focus = False
        self.set_focus(self._field)
        self.call_after_refresh(lambda: self.view.move_to(self.view.step))
        self._draw_keys()

    def _close(self) -> None:
        self._field_name = None
        self.query_one("#plan-field-box").display = False
        self.view.can_focus = True
        self.set_focus(self.view)
        self._draw_keys()

    def _keep(self, text: str) -> None:
        if self._field_name is not None:
            self.plans.keep_unsent(self.session, self.plan, self._field_name, text)

    def _take(self) -> None:
        """Enter in the field."""
        name, text = self._field_name, self._field.text.strip()
        if name is None:
            return
        if name == REVISION:
            self._take_revision(text)
            return
        self._close()
        self.plans.keep_unsent(self.session, self.plan, name, "")
        self._store_comment(int(name), text)

    def _take_revision(self, words: str) -> None:
        if not words and not self.comments:
            self.tell("Describe what to change, or comment on a step first", "warning")
            return
        if not self._is_refused("plan.revise"):
            self._close()
            self.plans.keep_unsent(self.session, self.plan, REVISION, "")
            plan_decision.revise(self, words)

    def _store_comment(self, at: int, text: str) -> None:
        self.comments.pop(at, None)
        if text:
            self.comments[at] = text
        self.plans.comment(self.session, self.plan, at, self.steps[at].text, text)
        self._draw()

    # Drawing

    def _draw(self) -> None:
        self.view.show(self.steps, self.comments)
        self._draw_keys()

    def _draw_keys(self) -> None:
        keys, width = self.query_one("#plan-keys", Static), self.size.width - 2
        if self._field_name is not None:
            enter = present.Key("Enter", "send" if self._field_name == REVISION else "save")
            keys.update(present.key_rows([enter, *_FIELD_KEYS], width))
            return
        reasons = plan_decision.reasons(self)
        shown = {
            c.id: present.Key(key_text(self.ctx.keys, c), c.hint, reasons.get(c.id, ""), c.id == "plan.uncomment")
            for c in commands_of(Pane.PLAN)
            if c.hint and key_text(self.ctx.keys, c)
        }
        handing = [shown[id_] for id_ in _HANDING if id_ in shown]
        note = present.along(len(self.comments), handing)
        keys.update(present.key_rows(list(shown.values()), width, note, plan_decision.warning(self)))


_FIELD_KEYS = (
    present.Key("ctrl+j", "new line"),
    present.Key("Esc", "back (keeps your text)"),
)
_HANDING = ("plan.implement", "plan.fresh", "plan.revise")
"""Commands that send the comments."""
