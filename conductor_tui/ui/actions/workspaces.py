"""Commands on workspaces: make, enter, adopt, rename, pin; repositories beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.listing import age
from conductor_tui.domain.text import from_home, visible_line
from conductor_tui.domain.workspaces import WorkspaceRecord, display_name
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.domain.pull_requests import OpenRequest
    from conductor_tui.domain.worktrees import Branch, Start
    from conductor_tui.sessions.workspaces import Workspaces
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.screens.picker import Choice
    from conductor_tui.ui.workspace_controller import WorkspaceController


def why_none(ctx: UiContext) -> str | None:
    """Why there are no workspaces here."""
    return None if ctx.workspaces.workspaces else "this is no git repository, or its workspaces are still being read"


def why_not_here(ctx: UiContext) -> str | None:
    """Why nothing can be done with the workspace on screen."""
    return why_none(ctx) or (None if ctx.workspaces.here else "the session on screen is in no workspace")


def open_desk(ctx: UiContext) -> tuple[WorkspaceController, Workspaces]:
    """The workspaces of this user, where `why_none` is None."""
    desk = ctx.workspaces
    assert desk.workspaces is not None, "why_none says so"
    return desk, desk.workspaces


# A new one


def new(ctx: UiContext) -> None:
    """Asks where a new workspace begins."""
    desk, workspaces = open_desk(ctx)

    async def work() -> None:
        await workspaces.refresh()
        _Beginning(ctx, desk.here.repository if desk.here else desk.records[0].repository).ask_start()

    desk.do(None, "The repository cannot be read", work)


class _Beginning:
    """The questions about a new workspace, one after the other; escape goes back to the one before."""

    def __init__(self, ctx: UiContext, repository: Path) -> None:
        from conductor_tui.ui.actions.pull_requests import RequestOffer

        self._ctx = ctx
        self._repository = repository
        self._desk, self._workspaces = open_desk(ctx)
        self._offer = RequestOffer(ctx, self._workspaces, repository)
        self._prompt = ""
        """What was written before the user went back."""

    def ask_start(self) -> None:
        """Where it begins."""
        from conductor_tui.domain.worktrees import NewBranch
        from conductor_tui.ui.actions.pull_requests import CHOICE
        from conductor_tui.ui.screens.picker import Picker

        def taken(choice: str | None) -> None:
            if choice == "default":
                self._ask_prompt(NewBranch(""), self.ask_start)
            elif choice in ("branch", "existing"):
                self._pick_branch(is_new=choice == "branch")
            elif choice == CHOICE:
                self._pick_request()
            elif choice == "commit":
                self._pick_commit()
            elif choice is not None:
                _adopt(self._ctx, Path(choice.partition(":")[2]))

        picker = Picker(f"A new workspace of {visible_line(self._repository.name)}", self._starts())

        def answered() -> None:
            if picker.is_attached:
                picker.show_choices(self._starts())

        self._ctx.app.push_screen(picker, taken)
        self._offer.ask(answered)

    def _starts(self) -> list[Choice]:
        from conductor_tui.ui.screens.picker import Choice

        home = str(Path.home())
        return [
            Choice("default", "On a new branch from the default branch", detail="As its remote has it now."),
            Choice("branch", "On a new branch from another branch …"),
            Choice("existing", "On a branch that exists …"),
            self._offer.choice(),
            Choice("commit", "At a commit, without a branch …"),
            *(
                Choice(f"adopt:{c.path}", f"Adopt {from_home(str(c.path), home)}", note=c.branch, detail="As it is.")
                for c in self._workspaces.adoptable.get(self._repository, ())
            ),
        ]

    def _pick_request(self) -> None:
        self._offer.pick(lambda request: self._ask_prompt(request, self._pick_request), self.ask_start)

    def _pick_branch(self, *, is_new: bool) -> None:
        from conductor_tui.domain.worktrees import ExistingBranch, NewBranch
        from conductor_tui.ui.screens.picker import Choice, Picker

        async def work() -> None:
            found = await (await self._workspaces.worktrees(self._repository)).branches()
            now = self._ctx.manager.clock()
            choices = [
                Choice(b.name, b.name, note=age(now - b.date), detail=b.subject, reason="" if is_new else _why_taken(b))
                for b in sorted(found, key=lambda b: -b.date)
            ]

            def taken(name: str | None) -> None:
                if name is None:
                    self.ask_start()
                    return
                start = NewBranch("", name) if is_new else ExistingBranch(name)
                self._ask_prompt(start, lambda: self._pick_branch(is_new=is_new))

            title = "The new branch begins at" if is_new else "Work on this branch"
            self._ctx.app.push_screen(Picker(title, choices, empty="No branches yet"), taken)

        self._desk.do(None, "The branches cannot be listed", work)

    def _pick_commit(self) -> None:
        from conductor_tui.domain.worktrees import DetachedCommit
        from conductor_tui.ui.screens.picker import Choice, Picker

        async def work() -> None:
            now = self._ctx.manager.clock()
            choices = [
                Choice(c.id, c.subject or c.id[:10], note=f"{c.id[:8]} · {age(now - c.date) or 'now'}", detail=c.author)
                for c in await (await self._workspaces.worktrees(self._repository)).commits()
            ]

            def taken(commit: str | None) -> None:
                if commit is None:
                    self.ask_start()
                else:
                    self._ask_prompt(DetachedCommit(commit), self._pick_commit)

            self._ctx.app.push_screen(Picker("Begin at this commit", choices, empty="No commits yet"), taken)

        self._desk.do(None, "The commits cannot be listed", work)

    def _ask_prompt(self, start: Start | OpenRequest, back: Callable[[], None]) -> None:
        from conductor_tui.ui.screens.ask import Ask

        ask = Ask("What should Codex do there? (empty: you write it later)", self._prompt, is_optional=True)

        def given(prompt: str | None) -> None:
            if prompt is None:
                self._prompt = ask.text
                back()
            else:
                create(self._ctx, self._repository, start, prompt)

        self._ctx.app.push_screen(ask, given)


def _why_taken(branch: Branch) -> str:
    where = from_home(str(branch.checked_out), str(Path.home())) if branch.checked_out else ""
    return f"it is checked out in {where}" if where else ""


def create(ctx: UiContext, repository: Path, start: Start | OpenRequest, prompt: str) -> None:
    """Makes a workspace in the background, and sends the prompt there if there is one.

    It is entered only if the user has begun nothing else meanwhile.
    """
    from conductor_tui.domain.pull_requests import OpenRequest

    desk, workspaces = open_desk(ctx)
    before = ctx.session

    async def work() -> None:
        if isinstance(start, OpenRequest):
            record = await workspaces.requests.create(repository, start, prompt=prompt, on_progress=desk.creating)
        else:
            record = await workspaces.create(repository, start, prompt=prompt, on_progress=desk.creating)
        desk.created(record)
        ctx.tell(f"{display_name(record)} is ready")
        if ctx.session is before and not ctx.panes.composer.text and ctx.panes.screen.is_current:
            await desk.enter_now(record)
        await desk.set_up(record)
        if prompt:
            await desk.send(record, prompt)

    desk.do(None, "The workspace was not made", work)


def _adopt(ctx: UiContext, path: Path) -> None:
    desk, workspaces = open_desk(ctx)

    async def work() -> None:
        desk.enter(await workspaces.adopt(path))

    desk.do(None, "The worktree was not adopted", work)


def add_repository(ctx: UiContext) -> None:
    """Asks for another repository to work in."""
    from conductor_tui.ui.screens.ask import Ask

    desk, workspaces = open_desk(ctx)
    kept = "repository"

    def wrong(text: str) -> str:
        return "" if Path(text).expanduser().is_dir() else "there is no such folder"

    def given(text: str | None) -> None:
        if text:
            ctx.not_taken[kept] = text
            folder = Path(text).expanduser().resolve()

            async def work() -> None:
                added = await workspaces.add_repository(folder)
                ctx.not_taken.pop(kept, None)
                ctx.tell(f"{added.name} is on the list")

            desk.do(None, "The repository was not added", work)

    ctx.app.push_screen(Ask("Folder of the repository", ctx.not_taken.get(kept, ""), wrong=wrong), given)


# Those there are


def pick(ctx: UiContext) -> None:
    """Lists all workspaces; typing filters."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    desk = ctx.workspaces
    rows = [row for branch in desk.branches() for row in branch.rows]
    choices = [
        Choice(
            f"w:{row.record.id}",
            f"{row.record.repository.name}/{row.name}",
            note=" · ".join(filter(None, (row.word, " ".join(row.detail), row.request))),
            is_current=row.is_here,
            reason="" if row.record.is_usable else row.word,
        )
        for row in rows
    ]

    def taken(choice: str | None) -> None:
        record = desk.record(choice[2:]) if choice else None
        if record is not None:
            desk.enter(record)

    ctx.app.push_screen(Picker("Workspaces", choices), taken)


def rename(ctx: UiContext, record: WorkspaceRecord | None = None) -> None:
    """Asks for a name of the user's."""
    from conductor_tui.ui.screens.ask import Ask

    desk, workspaces = open_desk(ctx)
    chosen = record or desk.here
    if chosen is None:
        return

    def given(title: str | None) -> None:
        if title is not None and title != shown:

            async def work() -> None:
                await workspaces.rename(chosen, title)

            desk.do(None, "Not renamed", work)

    title, shown = "Name of this workspace (empty: its branch)", display_name(chosen)
    ctx.app.push_screen(Ask(title, shown, is_optional=True), given)


def pin(ctx: UiContext, record: WorkspaceRecord | None = None) -> None:
    """Puts a workspace on top of the tree, or back."""
    desk, workspaces = open_desk(ctx)
    chosen = record or desk.here
    if chosen is not None:

        async def work() -> None:
            await workspaces.pin(chosen, not chosen.is_pinned)

        desk.do(None, "Not pinned", work)


def read_trouble(ctx: UiContext, record: WorkspaceRecord) -> None:
    """Shows what the last step could not do, and forgets it."""
    from textual.content import Content

    from conductor_tui.domain.text import visible
    from conductor_tui.ui.screens.reading import ReadingScreen

    desk, workspaces = open_desk(ctx)

    async def work() -> None:
        await workspaces.clear_trouble(record)

    title = f"{display_name(record)}: what did not work"
    ctx.app.push_screen(ReadingScreen(visible_line(title), Content(visible(record.trouble))))
    desk.do(None, "Not forgotten", work)


def run_in_tree(ctx: UiContext, command: str, workspace_id: str) -> None:
    """Runs a letter of the tree for the workspace under its cursor."""
    from conductor_tui.ui.actions import workspace_endings

    record = ctx.workspaces.record(workspace_id)
    if reason := why_none(ctx):
        ctx.tell(reason, "warning")
    elif command == "new":
        new(ctx)
    elif record is None:
        ctx.tell("no workspace is under the cursor", "warning")
    elif command == "trouble":
        read_trouble(ctx, record)
    else:
        {"archive": workspace_endings.archive, "rename": rename, "pin": pin}[command](ctx, record)


HANDLERS = {
    "workspace.new": Handler(new, why_none),
    "workspace.open": Handler(pick, why_none),
    "workspace.rename": Handler(rename, why_not_here),
    "workspace.pin": Handler(pin, why_not_here),
    "repository.add": Handler(add_repository, why_none),
}
