"""A race compared: its workspaces below each other, and the diff of the one under the cursor.

It owns the cursor and each workspace's diff; ui/actions/race_decision.py ends the race.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from conductor_tui.domain.diffs import DiffScope
from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.races import Entrant, Member, Race
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.workspaces import WorkingDiff, WorkspaceRecord
from conductor_tui.services.workspaces.checkouts import WatchedCheckout
from conductor_tui.ui.actions import race_decision
from conductor_tui.ui.changes import Shown
from conductor_tui.ui.commands.catalogue import command, commands_of
from conductor_tui.ui.commands.keymap import actions_by_key, key_text, keys_of, shown_keys
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.messages import CopyRequested
from conductor_tui.ui.presentation import race as present
from conductor_tui.ui.presentation.controls import model_name
from conductor_tui.ui.presentation.main import no_palette
from conductor_tui.ui.presentation.plan import Key, key_rows
from conductor_tui.ui.widgets.diff_pane import DiffPane

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

_DIFF_KEYS = {"scroll": ("diff.up", "diff.down"), "file": ("diff.previous_file", "diff.next_file")}
"""The diff's own commands, by the word for them."""


class RaceScreen(Screen[None]):
    """One race, over the main screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "back", show=False),
        Binding("ctrl+p", "no_palette", id="app.palette", show=False, priority=True),
    ]

    def __init__(self, ctx: UiContext, race_id: str) -> None:
        super().__init__(id="race")
        self.ctx = ctx
        self.at = 0
        """The workspace under the cursor, from 0."""
        self._race_id = race_id
        self._diffs: dict[str, WorkingDiff] = {}
        """By workspace id."""
        self._seen: dict[str, tuple[object, object]] = {}
        """What was known of the checkout when git was asked for its diff."""
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
        self.ctx.changes.subscribe(self, Shown.LISTS, self.follow)
        self.ctx.changes.subscribe(self, Shown.TIME, self._tick)

    def on_resize(self) -> None:
        """Rows and keys wrap at another width."""
        self.call_after_refresh(self.follow)

    # What the keys act on

    @property
    def race(self) -> Race:
        """As it is now."""
        races = self.ctx.workspaces.races
        race = races.get(self._race_id) if races else None
        return race or Race(self._race_id, "", "")

    @property
    def standing(self) -> list[tuple[Member, WorkspaceRecord]]:
        """The workspaces that are there."""
        return self.race.standing(self.ctx.workspaces.records)

    @property
    def chosen(self) -> tuple[Member, WorkspaceRecord] | None:
        """The workspace under the cursor."""
        standing = self.standing
        return standing[min(self.at, len(standing) - 1)] if standing else None

    def tell(self, text: str, severity: str = "information") -> None:
        """A note above the keys; on the main screen when this one is closed."""
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
        """Another workspace; the diff stays at the same file and line where the other one has them."""
        self.at = max(0, min(len(self.standing) - 1, self.at + step))
        self.follow()

    def action_enter(self) -> None:
        """Opens the session of the workspace."""
        if self.chosen is not None:
            member, record = self.chosen
            self.dismiss(None)
            is_known = member.thread_id in self.ctx.manager.threads
            self.ctx.workspaces.enter(record, ThreadId(member.thread_id) if is_known else None)

    def action_winner(self) -> None:
        """Keeps the workspace and archives the others, after a question."""
        if self.chosen is not None:
            self.ctx.run("Could not archive the other workspaces", race_decision.keep(self, self.chosen[1]))

    def action_back(self) -> None:
        """Back to the main screen."""
        self.dismiss(None)

    def action_no_palette(self) -> None:
        """The palette's commands act on the main screen."""
        self.tell(no_palette(self.ctx.keys, "race.back"))

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
        self.at = max(0, min(self.at, len(self.standing) - 1))
        for _, record in self.standing:
            watched = self.ctx.workspaces.checkout_at(record.path)
            if watched is not None and self._seen.get(record.id) != _known(watched):
                self._seen[record.id] = _known(watched)
                self.ctx.run(f"Could not compare {record.name}", self._ask(record, watched))
        self._draw_lanes()
        self._draw_diff()
        self.query_one("#race-keys", Static).update(key_rows(self._keys(), self.size.width - 2))

    def _keys(self) -> list[Key]:
        """The keys of the race, then those that it leaves to the diff."""
        keys = self.ctx.keys
        shown = [Key(text, c.hint) for c in commands_of(Pane.RACE) if (text := key_text(keys, c))]
        for label, ids in _DIFF_KEYS.items():
            free = [[key for key in keys_of(command(id_), keys) if key not in self._actions] for id_ in ids]
            if any(free):
                shown.append(Key(shown_keys([found[0] for found in free if found]), label))
        return shown

    def _tick(self) -> None:
        """Once a second: the elapsed time of what runs."""
        sessions = (self.ctx.manager.sessions.get(ThreadId(member.thread_id)) for member, _ in self.standing)
        if self.query("#race-lanes") and any(s is not None and s.projection.running_turn for s in sessions):
            self._draw_lanes()

    async def _ask(self, record: WorkspaceRecord, watched: WatchedCheckout) -> None:
        asked = self._seen[record.id]
        try:
            found = await watched.repository.diff_from(self.race.commit)
        except RepositoryError as error:
            found = WorkingDiff(left_out=(f"{error.trouble.title}: {error.trouble.cause}",))
        if self._seen[record.id] == asked:  # else git is asked again
            self._diffs[record.id] = found
            self.follow()

    def _draw_lanes(self) -> None:
        lanes = [lane(self.ctx, m, r, self._diffs.get(r.id)) for m, r in self.standing]
        width = max(20, self.size.width - 2)
        rows = (
            present.lane_rows(lanes, self.at, width) if lanes else Content("All workspaces of this race are archived")
        )
        self.query_one("#race-lanes", Static).update(rows)

    def _draw_diff(self) -> None:
        pane, chosen = self.query_one(DiffPane), self.chosen
        diff = self._diffs.get(chosen[1].id) if chosen else None
        if diff is not None:
            pane.show(diff.files, scope=DiffScope.SINCE_START, left_out=diff.left_out)
        else:
            is_missing = chosen is not None and chosen[1].is_missing
            pane.show((), scope=DiffScope.SINCE_START, note="Its folder is gone" if is_missing else "Asking git …")


def _known(watched: WatchedCheckout) -> tuple[object, object]:
    """Changes when git has something new to say: HEAD moved, or a file changed."""
    return watched.state, watched.diff


def lane(ctx: UiContext, member: Member, record: WorkspaceRecord, diff: WorkingDiff | None) -> present.Lane:
    """A workspace of a race as it is now."""
    entry = next((e for e in ctx.entries() if e.thread_id and e.thread_id == member.thread_id), None)
    sign, style, word = "○", "$text-muted", "not started"
    if entry is not None:
        (sign, style), word = entry.sign, "done" if entry.word in ("", "new") else entry.word
    if step := ctx.workspaces.step_of(record):
        sign, style, word = "…", "$text-warning", step
    elif record.is_missing:
        sign, style, word = "✕", "$text-error", "folder is gone"
    entrant, tokens, ms = member.entrant, 0, None
    session = ctx.manager.sessions.get(ThreadId(member.thread_id))
    if session is not None:
        projection = session.projection
        in_force = projection.settings
        if in_force.model:
            entrant = Entrant(in_force.model, in_force.effort)
        tokens = projection.usage.total
        took = [t.duration_ms for t in projection.turns.values() if t.duration_ms is not None]
        running = projection.running_turn
        if running is not None and running.started_at:
            took.append(max(0, int(ctx.manager.clock() - running.started_at)) * 1000)
        ms = sum(took) if took else None
    return present.Lane(
        name=visible_line(record.title or record.name),
        sign=sign,
        style=style,
        word=word,
        choice=present.model_and_effort(entrant, partial(model_name, ctx.manager.setup.catalogue)),
        changed=(diff.added, diff.deleted, len(diff.files)) if diff else None,
        ms=ms,
        tokens=tokens,
    )
