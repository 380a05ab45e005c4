"""The flow that creates a workspace: what it starts from, its first prompt, then git."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.listing import age
from conductor_tui.domain.text import from_home, visible_line
from conductor_tui.domain.workspaces import WorkspaceRecord, display_name
from conductor_tui.ui.actions.workspaces import opened, why_none
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.domain.pull_requests import OpenRequest
    from conductor_tui.domain.worktrees import Branch, DefaultBranch, DetachedCommit, ExistingBranch, NewBranch, Start
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.dialogs.picker import Choice


async def new(ctx: UiContext) -> None:
    """Asks what a new workspace starts from and for its first prompt, and creates it."""
    await opened(ctx).refresh()
    repository = (ctx.workspaces.here or ctx.workspaces.records[0]).repository
    default = await (await opened(ctx).worktrees(repository)).default_branch()
    await _Questions(ctx, repository, default).ask()


class _Questions:
    """The questions about a new workspace, one after the other; Esc goes back to the one before."""

    def __init__(self, ctx: UiContext, repository: Path, default: DefaultBranch | None) -> None:
        from conductor_tui.ui.actions.pull_requests import PullRequestQuestion

        self._ctx = ctx
        self._repository = repository
        self._default = default
        self._workspaces = opened(ctx)
        self._pull_requests = PullRequestQuestion(ctx, self._workspaces, repository)
        self._prompt = ""
        """What was written before the user went back."""

    async def ask(self) -> None:
        """Asks until the workspace is created, or the user goes back from the first question."""
        self._pull_requests.load()
        while (kind := await self._ask_kind()) is not None:
            if kind.startswith("adopt:"):
                path = Path(kind.removeprefix("adopt:"))
                self._ctx.run(f"Could not adopt {path}", self._adopt(path))
                return
            while (start := await self._ask_start(kind)) is not None:
                if (prompt := await self._ask_prompt()) is not None:
                    await _create(self._ctx, self._repository, start, prompt)
                    return
                if kind == "default":
                    break  # its start is no question to go back to

    async def _ask_kind(self) -> str | None:
        from conductor_tui.ui.dialogs.picker import Picker

        picker = Picker(f"New workspace in {visible_line(self._repository.name)}", self._kinds())
        self._pull_requests.on_answer = lambda: picker.show_choices(self._kinds())
        return await self._ctx.ask(picker)

    def _kinds(self) -> list[Choice]:
        from conductor_tui.ui.dialogs.picker import Choice

        home, default = str(Path.home()), self._default
        title = f"New branch from {default.name}" if default else "New branch"
        is_remote = default is not None and default.start != default.name
        return [
            Choice("default", f"{title} (fetched)" if is_remote else title),
            Choice("branch", "New branch from another branch …"),
            Choice("existing", "Existing branch …"),
            self._pull_requests.choice(),
            Choice("commit", "Detached at a commit …"),
            *(
                Choice(f"adopt:{c.path}", f"Adopt {from_home(str(c.path), home)}", note=c.branch)
                for c in self._workspaces.adoptable.get(self._repository, ())
            ),
        ]

    async def _ask_start(self, kind: str) -> Start | OpenRequest | None:
        from conductor_tui.domain.worktrees import NewBranch
        from conductor_tui.ui.actions.pull_requests import KIND

        if kind == KIND:
            return await self._pull_requests.ask()
        if kind == "commit":
            return await self._ask_commit()
        if kind in ("branch", "existing"):
            return await self._ask_branch(is_new=kind == "branch")
        return NewBranch("")

    async def _ask_branch(self, *, is_new: bool) -> NewBranch | ExistingBranch | None:
        from conductor_tui.domain.worktrees import ExistingBranch, NewBranch
        from conductor_tui.ui.dialogs.picker import Choice, Picker

        found = await (await self._workspaces.worktrees(self._repository)).branches()
        now = self._ctx.manager.clock()
        choices = [
            Choice(b.name, b.name, note=age(now - b.date), detail=b.subject, reason="" if is_new else _why_taken(b))
            for b in sorted(found, key=lambda b: -b.date)
        ]
        title = "Branch to start from" if is_new else "Branch to check out"
        name = await self._ctx.ask(Picker(title, choices, empty="No branches yet"))
        if name is None:
            return None
        return NewBranch("", name) if is_new else ExistingBranch(name)

    async def _ask_commit(self) -> DetachedCommit | None:
        from conductor_tui.domain.worktrees import DetachedCommit
        from conductor_tui.ui.dialogs.picker import Choice, Picker

        now = self._ctx.manager.clock()
        choices = [
            Choice(c.id, c.subject or c.id[:10], note=f"{c.id[:8]} · {age(now - c.date) or 'now'}", detail=c.author)
            for c in await (await self._workspaces.worktrees(self._repository)).commits()
        ]
        commit = await self._ctx.ask(Picker("Commit to check out", choices, empty="No commits yet"))
        return DetachedCommit(commit) if commit is not None else None

    async def _ask_prompt(self) -> str | None:
        from conductor_tui.ui.dialogs.input import Ask

        ask = Ask("First prompt (optional)", self._prompt, is_optional=True)
        prompt = await self._ctx.ask(ask)
        self._prompt = ask.text
        return prompt

    async def _adopt(self, path: Path) -> None:
        self._ctx.workspaces.enter(await self._workspaces.adopt(path))


def _why_taken(branch: Branch) -> str:
    return f"checked out in {from_home(str(branch.checked_out), str(Path.home()))}" if branch.checked_out else ""


async def _create(ctx: UiContext, repository: Path, start: Start | OpenRequest, prompt: str) -> None:
    """Creates a workspace, and opens it unless the user has started something else meanwhile."""
    from conductor_tui.domain.pull_requests import OpenRequest

    workspaces, controller, before = opened(ctx), ctx.workspaces, ctx.session
    if isinstance(start, OpenRequest):
        record = await workspaces.requests.create(repository, start, prompt=prompt, on_progress=controller.creating)
    else:
        record = await workspaces.create(repository, start, prompt=prompt, on_progress=controller.creating)
    controller.created(record)
    ctx.tell(f"{display_name(record)} is ready")
    if ctx.session is before and not ctx.panes.composer.text and ctx.panes.screen.is_current:
        await controller.enter_now(record)
    ctx.run(f"Could not set up {display_name(record)}", _set_up(ctx, record, prompt))


async def _set_up(ctx: UiContext, record: WorkspaceRecord, prompt: str) -> None:
    await ctx.workspaces.set_up(record)
    if prompt:
        await ctx.workspaces.send(record, prompt)


HANDLERS = {
    "workspace.new": Handler(new, why_none, failed="Could not create the workspace"),
}
