"""The workspaces of a window: which there are, what is being done to them, and opening one.

Connects the use cases, which know no screen, with the tree, which knows no use case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import RepositoryError, WorkspaceError
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.workspaces import LOCAL, RepositoryRecord, RepositoryState, WorkspaceRecord, display_name
from conductor_tui.services.workspaces.checkouts import Checkouts, WatchedCheckout
from conductor_tui.services.workspaces.creation import lasting_notes
from conductor_tui.services.workspaces.folder_settings import FolderSettings
from conductor_tui.ui.commands.keymap import key_text
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.presentation import tree

if TYPE_CHECKING:
    from conductor_tui.services.sessions.codex_setup import Catalogue
    from conductor_tui.services.workspaces.races import Races
    from conductor_tui.services.workspaces.workspaces import Workspaces
    from conductor_tui.ui.dock_controller import DockController
    from conductor_tui.ui.host import Host


class WorkspaceController:
    """The user's workspaces in one window."""

    def __init__(self, host: Host, checkouts: Checkouts | None, root: Path, on_change: Callable[[], None]) -> None:
        """`checkouts`: None outside a git repository; `root`: the folder that the app was started in.

        `on_change`: called after anything changed that the lists show.
        """
        self.workspaces: Workspaces | None = None
        """None until they are read, and outside a git repository."""
        self.races: Races | None = None
        """None as long as `workspaces` is."""
        self.folders = FolderSettings(on_change)
        """What the settings of workspaces mean for the sessions in them."""
        self._found: list[Trouble] = []
        """What the start repaired or could not repair."""
        self._host = host
        self._dock: DockController | None = None
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
        path = self._host.manager.here.path
        return next((r for r in self.records if r.path == path and not r.is_archived), None)

    def of(self, folder: str) -> WorkspaceRecord | None:
        """The workspace that a session works in."""
        return next((r for r in self.records if str(r.path) == folder and r.is_usable), None)

    @property
    def checkout(self) -> WatchedCheckout | None:
        """The checkout of the session on screen."""
        return self.checkout_at(self._host.manager.here.path)

    def checkout_at(self, path: Path) -> WatchedCheckout | None:
        """The checkout in a folder, once git has found it."""
        return self._checkouts.get(path) if self._checkouts else None

    @property
    def checkout_trouble(self) -> Trouble | None:
        """Why git cannot read it."""
        path = self._host.manager.here.path
        watched = self.checkout
        return watched.trouble if watched else (self._checkouts.troubles.get(path) if self._checkouts else None)

    def branches(self) -> list[tree.TreeBranch]:
        """The rows of the tree, by repository."""
        workspaces = self.workspaces
        repositories: tuple[RepositoryRecord, ...] = workspaces.repositories if workspaces else ()
        here = self._host.manager.here.path
        return tree.branches(
            self.records,
            repositories,
            self._host.entries(),
            here,
            self.state_of,
            self._steps,
            _running(workspaces) if workspaces else {},
            lambda record, branch: workspaces.requests.of(record, branch) if workspaces else None,
            _racing(self.races, self.records, self._host.manager.setup.catalogue) if self.races else {},
        )

    def state_of(self, path: Path) -> RepositoryState | None:
        """Branch, commit and counts of a checkout; None before git has been asked."""
        watched = self.checkout_at(path)
        return watched.state if watched else None

    def step_of(self, record: WorkspaceRecord) -> str:
        """The current step of the work on a workspace; empty when there is none."""
        return self._steps.get(record.id, "")

    @property
    def troubles(self) -> list[Trouble]:
        """Problems found at the start, and those of the variables in the folder on screen."""
        return [*self._found, *self.folders.troubles.get(self._host.manager.here.path, ())]

    # Life

    async def begin(self, workspaces: Workspaces, dock: DockController) -> None:
        """Repairs interrupted operations, reads all workspaces, and tells the dock where it is."""
        self._dock = dock
        self.folders.begin(workspaces)
        try:
            await self._begin(workspaces)
        finally:
            self.folders.end_reading()
            dock.is_placed.set()  # if they could not be read, scripts run in the folder itself

    async def _begin(self, workspaces: Workspaces) -> None:
        from conductor_tui.services.workspaces.races import Races

        workspaces.on_change = self._changed
        races = Races(self._host.manager, workspaces)
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
        """Picks up changes of other windows; asks for the pull request of the workspace that the user looks at."""
        if self.workspaces is not None:
            self._host.run("Could not read the workspaces", self._look(self.workspaces))
            if self._host.app.app_focus:
                self._ask_for_pull_request(self.workspaces)

    def _ask_for_pull_request(self, workspaces: Workspaces) -> None:
        here, state = self.here, self.state_of(self._host.manager.here.path)
        if here is not None:
            branch = state.branch if state else here.branch
            if workspaces.requests.is_due(here, branch):
                asking = workspaces.requests.ask(here, branch, self._on_change)
                self._host.run("Could not ask for the pull request", asking)

    async def _look(self, workspaces: Workspaces) -> None:
        try:
            if await workspaces.look() and self.races is not None:
                await self.races.read()
                self._on_change()
        except (RepositoryError, WorkspaceError) as error:
            self._host.tell(error.trouble.title, "warning")

    def _changed(self) -> None:
        if self.workspaces is None:
            return
        usable = [r for r in self.records if r.is_usable]
        for record in usable:
            self._host.manager.folder(record.path, record.repository)
        if self._checkouts is not None:
            self._checkouts.follow([r.path for r in usable] or [self._root])
        self._on_change()

    # Acting

    @contextmanager
    def steps(self, record: WorkspaceRecord) -> Iterator[Callable[[str], None]]:
        """Work on a workspace: what it yields reports the current step to the tree until the work ends."""
        try:
            yield lambda line: self.step(record.id, line)
        finally:
            self.created(record)

    def step(self, id: str, line: str) -> None:
        """Reports the current step of the work on a workspace."""
        self._steps[id] = f"{line.rstrip('. …')} …"
        self._on_change()

    def creating(self, line: str) -> None:
        """Reports the current step for the newest workspace: its record exists before it is ready."""
        record = max((r for r in self.records if not r.is_usable and not r.is_archived), key=_age, default=None)
        if record is not None:
            self.step(record.id, line)
        self._host.tell(line)

    def created(self, record: WorkspaceRecord) -> None:
        """Ends the steps of a workspace."""
        self._steps.pop(record.id, None)
        self._on_change()

    def enter(self, record: WorkspaceRecord, thread_id: ThreadId | None = None) -> None:
        """Shows a session of a workspace: the one named, else the last one, else a new one."""
        failed = f"Could not open {display_name(record)}"
        if record.is_usable:
            self._host.run(failed, self.enter_now(record, thread_id))
        else:
            reason = "its folder is missing" if record.is_missing else "it is not ready"
            self._host.tell(f"{failed}: {reason}", "warning")

    async def enter_now(self, record: WorkspaceRecord, thread_id: ThreadId | None = None) -> None:
        """Does what `enter` does, and returns when it is done."""
        manager, folder = self._host.manager, self._host.manager.folder(record.path, record.repository)
        wanted = thread_id or ThreadId(manager.store.last_session(record.path))
        self._host.show_session(manager.open_session(wanted) if wanted else manager.new_session(folder))
        waits = self._host.session.projection.waiting_approvals
        self._host.panes.focus(Pane.APPROVAL if waits else Pane.COMPOSER)
        await self.move_dock(record)

    async def set_up(self, record: WorkspaceRecord) -> None:
        """Runs the setup script to its end if the user trusts it; then the run script, if the repository wants that."""
        assert self.workspaces is not None
        run = await self.workspaces.set_up(record)
        if run is not None and not run.has_succeeded:
            key = key_text(self._host.keys, "view.dock")
            self._host.tell(f"{display_name(record)}: the setup script failed. Press {key} for its output", "warning")

    async def send(self, record: WorkspaceRecord, prompt: str) -> None:
        """Sends a prompt in a workspace's new session, on screen or not."""
        session = self._host.manager.new_session(self._host.manager.folder(record.path, record.repository))
        if session is self._host.session:
            self._host.submit(prompt)
        else:
            self._host.manager.store.keep_prompt(record.path, prompt)
            session.send(prompt)

    async def move_dock(self, record: WorkspaceRecord) -> None:
        """Shows a workspace in the dock, with its current variables, unless the user has left it meanwhile."""
        dock, workspaces = self._dock, self.workspaces
        if dock is not None and workspaces is not None and record.id:
            place = await workspaces.place(record)
            if record.path == self._host.manager.here.path:
                runner = workspaces.tools.runner(record.repository)
                await dock.move(runner, place, lambda: workspaces.scripts.read(record))

    def prompted(self, text: str) -> None:
        """A prompt is sent in the workspace on screen: its branch may be named after it."""
        record, workspaces = self.here, self.workspaces
        if record is None or workspaces is None:
            return
        if (lasting := lasting_notes(record.trouble)) != record.trouble:
            self._host.run("Could not clear the last error", workspaces.clear_trouble(record, lasting))
        if record.made_branch:
            self._host.run("Could not rename the branch", workspaces.first_prompt(record, text))

    def record(self, workspace_id: str) -> WorkspaceRecord | None:
        """A workspace by its id; the one on screen for an empty id."""
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
