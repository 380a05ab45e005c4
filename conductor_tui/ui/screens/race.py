"""A race compared: its entrants below each other, and the diff of the one under the cursor.

It owns the cursor and what git said of each checkout; what becomes of a race stands in ui/actions/race.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from conductor_tui.domain.diffs import DiffScope
from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.races import Member, Race
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.workspaces import WorkingDiff, WorkspaceRecord
from conductor_tui.sessions.checkouts import WatchedCheckout
from conductor_tui.ui.actions import race as actions
from conductor_tui.ui.commands.catalogue import commands_of
from conductor_tui.ui.commands.keymap import actions_by_key, key_text
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.messages import CopyRequested
from conductor_tui.ui.presentation import race as present
from conductor_tui.ui.presentation.plan import Key, key_rows
from conductor_tui.ui.widgets.diff_pane import DiffPane

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

_SCROLLING = Key("↑ ↓ [ ]", "line, file")


class RaceScreen(Screen[None]):
    """One race, over the main screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "back", show=False),
        Binding("ctrl+p", "no_palette", show=False, priority=True),
    ]

    def __init__(self, ctx: UiContext, race_id: str) -> None:
        super().__init__(id="race")
        self.ctx = ctx
        self.at = 0
        """The entrant under the cursor, from 0."""
        self._race_id = race_id
        self._diffs: dict[str, WorkingDiff] = {}
        """By workspace id, as git said last."""
        self._seen: dict[str, tuple[object, object]] = {}
        """What was known of the checkout when git was asked."""
        self._actions = actions_by_key(Pane.RACE, ctx.keys)

    def compose(self) -> ComposeResult:
        yield Static(id="race-lanes")
        yield DiffPane(id="race-diff")
        yield Static(id="race-note")
        yield Static(id="race-keys")

    def on_mount(self) -> None:
        self.query_one("#race-lanes").border_title = Content(f"race · {visible_line(self.race.prompt)}")
        self.at = next((n for n, (_, r) in enumerate(self.standing) if r == self.ctx.workspaces.here), 0)
        self.set_focus(self.query_one(DiffPane))
        self.follow()
        self.set_interval(1.0, self.follow)

    def on_resize(self) -> None:
        """Rows and keys wrap anew."""
        self.call_after_refresh(self.follow)

    # What actions use

    @property
    def race(self) -> Race:
        """As it is now."""
        races = self.ctx.workspaces.races
        race = races.get(self._race_id) if races else None
        return race or Race(self._race_id, "", "")

    @property
    def standing(self) -> list[tuple[Member, WorkspaceRecord]]:
        """The entrants that are there."""
        return self.race.standing(self.ctx.workspaces.records)

    @property
    def chosen(self) -> tuple[Member, WorkspaceRecord] | None:
        """The entrant under the cursor."""
        standing = self.standing
        return standing[min(self.at, len(standing) - 1)] if standing else None

    def tell(self, text: str, severity: str = "information") -> None:
        """A remark above the keys; on the main screen when this one is closed."""
        if not self.is_current:
            self.ctx.tell(text, severity)
            return
        note = self.query_one("#race-note", Static)
        note.update(Content.styled(visible_line(text), "$text-warning" if severity == "warning" else "$text-accent"))
        note.display = bool(text)

    # Keys

    async def on_key(self, event: events.Key) -> None:
        """Before the diff, which has keys of its own for what these do."""
        action = self._actions.get(event.key, "")
        if action:
            event.stop()
            event.prevent_default()
            await self.run_action(action)

    def action_entrant(self, step: int) -> None:
        """Another entrant; the diff stays at the same file and line where the other one has them."""
        self.at = max(0, min(len(self.standing) - 1, self.at + step))
        self.follow()

    def action_enter(self) -> None:
        """Enters the workspace."""
        if self.chosen is not None:
            member, record = self.chosen
            self.dismiss(None)
            actions.enter(self.ctx, record, member)

    def action_winner(self) -> None:
        """Lists what archiving the others would lose."""
        if self.chosen is not None:
            actions.pick_winner(self, self.chosen[1])

    def action_back(self) -> None:
        """Back to the main screen."""
        self.dismiss(None)

    def action_no_palette(self) -> None:
        """The palette's commands are about the main screen."""
        self.tell("Commands are found from the transcript: esc goes back.")

    @on(CopyRequested)
    def copy_line(self, message: CopyRequested) -> None:
        """A line of the diff."""
        message.stop()
        self.ctx.copy(message.text, message.what, self.tell)

    # Drawing

    def follow(self) -> None:
        """Shows what is known now, and asks git again where a checkout has changed."""
        if not self.query("#race-keys"):
            return
        standing = self.standing
        self.at = max(0, min(self.at, len(standing) - 1))
        for _, record in standing:
            watched = self.ctx.workspaces.checkout_at(record.path)
            if watched is not None and self._seen.get(record.id) != _known(watched):
                self._seen[record.id] = _known(watched)
                self.ctx.manager.spawn(self._ask(record, watched))
        lanes = [actions.lane(self.ctx, m, r, self._diffs.get(r.id)) for m, r in standing]
        rows = self.query_one("#race-lanes", Static)
        width = max(20, self.size.width - 2)
        rows.update(present.lane_rows(lanes, self.at, width) if lanes else Content("No workspace is left."))
        self._draw_diff()
        shown = [Key(key_text(self.ctx.keys, c), c.hint) for c in commands_of(Pane.RACE) if key_text(self.ctx.keys, c)]
        self.query_one("#race-keys", Static).update(key_rows([*shown, _SCROLLING], self.size.width - 2))

    async def _ask(self, record: WorkspaceRecord, watched: WatchedCheckout) -> None:
        try:
            found = await watched.repository.diff_from(self.race.commit)
        except RepositoryError as error:
            found = WorkingDiff(left_out=(f"{error.trouble.title}: {error.trouble.cause}",))
        self._diffs[record.id] = found
        self.follow()

    def _draw_diff(self) -> None:
        pane, chosen = self.query_one(DiffPane), self.chosen
        diff = self._diffs.get(chosen[1].id) if chosen else None
        if diff is not None:
            pane.show(diff.files, scope=DiffScope.SINCE_START, left_out=diff.left_out)
        else:
            is_missing = chosen is not None and chosen[1].is_missing
            note = "its folder is gone" if is_missing else "asking git …"
            pane.show((), scope=DiffScope.SINCE_START, note=note)


def _known(watched: WatchedCheckout) -> tuple[object, object]:
    """Changes when git has something new to say: HEAD moved, or a file changed."""
    return watched.state, watched.diff
