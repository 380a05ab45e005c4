"""What the main screen knows of workspaces: which there are, what is being done to them, and entering one.

Between the use cases, which know no screen, and the tree, which knows no use case.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from conductor_tui.domain.errors import ConductorError, RepositoryError, WorkspaceError
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.troubles import Trouble
from conductor_tui.domain.workspaces import LOCAL, RepositoryRecord, RepositoryState, WorkspaceRecord
from conductor_tui.sessions.checkouts import Checkouts, WatchedCheckout
from conductor_tui.sessions.folder_settings import FolderSettings
from conductor_tui.sessions.workspace_creation import lasting_notes
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.presentation import tree

if TYPE_CHECKING:
    from conductor_tui.sessions.codex_setup import Catalogue
    from conductor_tui.sessions.races import Races
    from conductor_tui.sessions.workspaces import Workspaces
    from conductor_tui.ui.context import UiContext


class WorkspaceController:
    """The workspaces of this user, on one screen."""

    def __init__(self, ctx: UiContext, checkouts: Checkouts | None, root: Path, on_change: Callable[[], None]) -> None:
        """`checkouts`: None outside a git repository; `root`: the folder that the app was started in.

        `on_change` has the lists drawn.
        """
        self.workspaces: Workspaces | None = None
        """None until they are read, and outside a git repository."""
        self.races: Races | None = None
        """The same."""
        self.folders = FolderSettings(on_change)
        """What the settings of workspaces mean for the sessions in them."""
        self._found: list[Trouble] = []
        """What the start found and repaired, or could not."""
        self._ctx = ctx
        self._checkouts = checkouts
        self._root = root
        self._on_change = on_change
        self._steps: dict[str, str] = {}

    # What there is

    @property
    def has_git(self) -> bool:
        """Whether the app was started in a git repository."""
        return self._checkouts is not None

    @property
    def records(self) -> tuple[WorkspaceRecord, ...]:
        """All workspaces; before they are read, the checkout that the app was started in."""
        known = self.workspaces.records if self.workspaces else ()
        return known or (WorkspaceRecord(id="", repository=self._root, name=LOCAL, path=self._root, is_local=True),)

    @property
    def here(self) -> WorkspaceRecord | None:
        """The workspace of the session on screen."""
        path = self._ctx.manager.here.path
        return next((r for r in self.records if r.path == path and not r.is_archived), None)

    def of(self, folder: str) -> WorkspaceRecord | None:
        """The workspace that a session works in."""
        return next((r for r in self.records if str(r.path) == folder and r.is_usable), None)

    @property
    def checkout(self) -> WatchedCheckout | None:
        """Its checkout."""
        return self.checkout_at(self._ctx.manager.here.path)

    def checkout_at(self, path: Path) -> WatchedCheckout | None:
        """The checkout in a folder, once git has found it."""
        return self._checkouts.get(path) if self._checkouts else None

    @property
    def checkout_trouble(self) -> Trouble | None:
        """Why git does not answer for it."""
        path = self._ctx.manager.here.path
        watched = self.checkout
        return watched.trouble if watched else (self._checkouts.troubles.get(path) if self._checkouts else None)

    def branches(self) -> list[tree.Branch]:
        """The tree."""
        workspaces = self.workspaces
        repositories: tuple[RepositoryRecord, ...] = workspaces.repositories if workspaces else ()
        here = self._ctx.manager.here.path
        return tree.branches(
            self.records,
            repositories,
            self._ctx.entries(),
            here,
            self.state_of,
            self._steps,
            _running(workspaces) if workspaces else {},
            lambda record, branch: workspaces.requests.of(record, branch) if workspaces else None,
            _racing(self.races, self.records, self._ctx.manager.setup.catalogue) if self.races else {},
        )

    def state_of(self, path: Path) -> RepositoryState | None:
        """How git says that a checkout stands; None before it was asked."""
        watched = self.checkout_at(path)
        return watched.state if watched else None

    def step_of(self, record: WorkspaceRecord) -> str:
        """How far the work on a workspace is; empty when nothing is done to it."""
        return self._steps.get(record.id, "")

    @property
    def troubles(self) -> list[Trouble]:
        """What the start found, and what is wrong with the variables of the folder on screen."""
        return [*self._found, *self.folders.troubles.get(self._ctx.manager.here.path, ())]

    # Life

    async def begin(self, workspaces: Workspaces) -> None:
        """Repairs what was cut short, reads what there is, and tells the dock where it is."""
        self.folders.begin(workspaces)
        try:
            await self._begin(workspaces)
        finally:
            self.folders.end_reading()
            if self._ctx.dock is not None:  # where they cannot be read, scripts run in the folder itself
                self._ctx.dock.is_placed.set()

    async def _begin(self, workspaces: Workspaces) -> None:
        from conductor_tui.sessions.races import Races

        workspaces.on_change = self._changed
        races = Races(self._ctx.manager, workspaces)
        try:
            self._found = list(await workspaces.repair())
            await workspaces.add_repository(self._root)
            await races.read()
        except (RepositoryError, WorkspaceError) as error:
            self._found.append(error.trouble)
        self.workspaces, self.races = workspaces, races
        self._changed()
        if self.here is not None:
            await self.move_dock(self.here)

    def look(self) -> None:
        """Reads anew if another window changed anything; asks for the pull request of what the user looks at."""
        if self.workspaces is not None:
            self._ctx.manager.spawn(self._look(self.workspaces))
            if self._ctx.app.app_focus:
                self._ask_for_request(self.workspaces)

    def _ask_for_request(self, workspaces: Workspaces) -> None:
        here, state = self.here, self.state_of(self._ctx.manager.here.path)
        if here is not None:
            branch = state.branch if state else here.branch
            if workspaces.requests.is_due(here, branch):
                self._ctx.manager.spawn(workspaces.requests.ask(here, branch, self._on_change))

    async def _look(self, workspaces: Workspaces) -> None:
        try:
            if await workspaces.look() and self.races is not None:
                await self.races.read()
                self._on_change()
        except (RepositoryError, WorkspaceError) as error:
            self._ctx.tell(error.trouble.title, "warning")

    def _changed(self) -> None:
        if self.workspaces is None:
            return
        usable = [r for r in self.records if r.is_usable]
        for record in usable:
            self._ctx.manager.folder(record.path, record.repository)
        if self._checkouts is not None:
            self._checkouts.follow([r.path for r in usable] or [self._root])
        self._on_change()

    # Acting

    def do(self, record: WorkspaceRecord | None, failed: str, work: Callable[[], Awaitable[None]]) -> None:
        """Does something to a workspace in the background; while it lasts, the tree says how far it is."""

        async def run() -> None:
            try:
                await work()
            except ConductorError as error:
                trouble = getattr(error, "trouble", None) or Trouble(str(error))
                title = failed if trouble.title == failed else f"{failed}: {trouble.title}"
                self._ctx.add_trouble(replace(trouble, title=title))
            finally:
                if record is not None:
                    self._steps.pop(record.id, None)
                self._on_change()

        self._ctx.manager.spawn(run())

    def step(self, id: str, line: str) -> None:
        """How far the work on a workspace is."""
        self._steps[id] = f"{line.rstrip('. …')} …"
        self._on_change()

    def creating(self, line: str) -> None:
        """How far the newest workspace is: its record comes first."""
        record = max((r for r in self.records if not r.is_usable and not r.is_archived), key=_age, default=None)
        if record is not None:
            self.step(record.id, line)
        self._ctx.tell(line)

    def created(self, record: WorkspaceRecord) -> None:
        """It is there."""
        self._steps.pop(record.id, None)
        self._on_change()

    def enter(self, record: WorkspaceRecord, thread_id: ThreadId | None = None) -> None:
        """Shows a session of a workspace: the one named, else the last one, else a new one."""
        if record.is_usable:
            self._ctx.manager.spawn(self.enter_now(record, thread_id))
        else:
            self._ctx.tell("this workspace cannot be entered now", "warning")

    async def enter_now(self, record: WorkspaceRecord, thread_id: ThreadId | None = None) -> None:
        """The same, and waits until it is there."""
        manager, folder = self._ctx.manager, self._ctx.manager.folder(record.path, record.repository)
        wanted = thread_id or ThreadId(manager.store.last_session(record.path))
        self._ctx.show_session(manager.open_session(wanted) if wanted else manager.new_session(folder))
        waits = self._ctx.session.projection.waiting_approvals
        self._ctx.panes.focus(Pane.APPROVAL if waits else Pane.COMPOSER)
        await self.move_dock(record)

    async def set_up(self, record: WorkspaceRecord) -> None:
        """Runs the setup script to its end, if there is one and the user trusts it; then the run script, if wanted."""
        assert self.workspaces is not None
        run = await self.workspaces.set_up(record)
        if run is not None and not run.has_succeeded:
            self._ctx.tell("the setup script did not succeed: see the dock", "warning")

    async def send(self, record: WorkspaceRecord, prompt: str) -> None:
        """Sends a prompt in a workspace's new session, on screen or not."""
        session = self._ctx.manager.new_session(self._ctx.manager.folder(record.path, record.repository))
        if session is self._ctx.session:
            self._ctx.submit(prompt)
        else:
            self._ctx.manager.store.keep_prompt(record.path, prompt)
            session.send(prompt)

    async def move_dock(self, record: WorkspaceRecord) -> None:
        """The dock shows a workspace, with the variables that scripts and terminals there have now."""
        desk, workspaces = self._ctx.dock, self.workspaces
        if desk is not None and workspaces is not None and record.id:
            place = await workspaces.place(record)
            await desk.move(workspaces.tools.runner(record.repository), place, lambda: workspaces.scripts.read(record))

    def prompted(self, text: str) -> None:
        """A prompt goes out in the workspace on screen: its branch may get a name from it."""
        record, workspaces = self.here, self.workspaces
        if record is not None and workspaces is not None and lasting_notes(record.trouble) != record.trouble:

            async def forget() -> None:
                await workspaces.clear_trouble(record, lasting_notes(record.trouble))

            self._ctx.manager.spawn(forget())
        if record is not None and workspaces is not None and record.made_branch:

            async def work() -> None:
                await workspaces.first_prompt(record, text)

            self.do(None, "The branch was not renamed", work)

    def record(self, workspace_id: str) -> WorkspaceRecord | None:
        """A workspace by its id; an empty one: the one on screen."""
        return next((r for r in self.records if r.id == workspace_id), None) if workspace_id else self.here


def _age(record: WorkspaceRecord) -> int:
    return record.created_at


def _running(workspaces: Workspaces) -> dict[str, list[str]]:
    """The run scripts that run, by workspace id."""
    from conductor_tui.domain.scripts import ScriptKind

    found: dict[str, list[str]] = {}
    for runner in workspaces.tools.runner.all:
        for run in runner.alive:
            if run.script.kind is ScriptKind.RUN:
                found.setdefault(run.place.id, []).append(run.script.title)
    return found


def _racing(races: Races, records: Sequence[WorkspaceRecord], catalogue: Catalogue) -> dict[str, str]:
    """The model and effort of each workspace in an open race, by id."""
    from conductor_tui.ui.presentation.controls import model_name
    from conductor_tui.ui.presentation.race import told_apart

    found: dict[str, str] = {}
    for race in races.open:
        standing = race.standing(records)
        words = told_apart([member.entrant for member, _ in standing], lambda model: model_name(catalogue, model))
        found |= {record.id: word for (_, record), word in zip(standing, words, strict=True)}
    return found
