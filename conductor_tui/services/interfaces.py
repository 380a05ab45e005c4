"""What the sessions need from outside, as protocols: `protocol/` and `git/` meet them, tests fake them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from conductor_tui.domain.approvals import Answer, Approval
from conductor_tui.domain.controls import (
    Account,
    ModelOption,
    PermissionProfile,
    RateLimits,
    ServerInfo,
    SessionSettings,
    SettingsUpdate,
    SignIn,
)
from conductor_tui.domain.defaults import Defaults
from conductor_tui.domain.events import Event, HistoryLoaded
from conductor_tui.domain.goals import GoalStatus
from conductor_tui.domain.ids import ThreadId, TurnId
from conductor_tui.domain.login_redirect import Redirect
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.pull_requests import OpenRequest, PullRequest
from conductor_tui.domain.scripts import Ending, LeftOver, Patience
from conductor_tui.domain.threads import QueuedMessage, ThreadSummary
from conductor_tui.domain.toolbox import McpServer, Provider, Providers, Skill, Skills
from conductor_tui.domain.trust import FolderTrust, TrustLevel
from conductor_tui.domain.turns import Turn
from conductor_tui.domain.workspaces import RepositoryState, Standing, WorkingDiff
from conductor_tui.domain.worktrees import (
    BIG_FILE,
    Branch,
    Changed,
    Checkout,
    Commit,
    Created,
    DefaultBranch,
    Losses,
    Removed,
    Restored,
    Salvage,
    Start,
    Traits,
    Unfinished,
)


class Accounts(Protocol):
    """Who is signed in. Every method raises `domain.errors.AgentError`."""

    async def read_account(self) -> Account: ...
    async def read_rate_limits(self) -> RateLimits: ...

    async def sign_in_by_code(self) -> SignIn:
        """Begins a sign-in by a code on a page; its end comes as an event."""
        ...

    async def sign_in_by_browser(self) -> SignIn:
        """Begins a sign-in in a browser on this machine; its end comes as an event."""
        ...

    async def hand_over(self, redirect: Redirect) -> str:
        """Gives Codex the address on which a browser elsewhere ended; returns what was said against it."""
        ...

    async def sign_in_with_key(self, key: str) -> None: ...

    async def cancel_sign_in(self, login_id: str) -> None: ...

    async def sign_out(self) -> None: ...


class Toolbox(Protocol):
    """What Codex can be given to work with. Every method raises `domain.errors.AgentError`."""

    async def list_skills(self, folder: str) -> Skills: ...
    async def switch_skill(self, skill: Skill, is_on: bool) -> None: ...

    async def list_mcp_servers(self, thread_id: ThreadId | None) -> tuple[McpServer, ...]:
        """All servers with their tools; slow where Codex starts them for the answer."""
        ...

    async def sign_in_to_mcp(self, name: str) -> str:
        """The page to sign in on; its end comes as an event."""
        ...

    async def switch_mcp_server(self, name: str, is_on: bool) -> None: ...
    async def reload_mcp_servers(self) -> None: ...

    async def set_goal(self, thread_id: ThreadId, objective: str, token_budget: int | None) -> None:
        """Codex begins at once."""
        ...

    async def set_goal_status(self, thread_id: ThreadId, status: GoalStatus) -> None: ...
    async def clear_goal(self, thread_id: ThreadId) -> None: ...
    async def read_providers(self, folder: str) -> Providers: ...

    async def add_provider(self, provider: Provider, version: str) -> None:
        """Refused when the user's config.toml is no longer the one that `version` names."""
        ...

    async def make_provider_default(self, provider_id: str, version: str) -> None:
        """The same."""
        ...


class Agent(Accounts, Toolbox, Protocol):
    """A connection to one Codex app-server.

    Every method raises `domain.errors.AgentError`: refused, timed out, overloaded or connection lost.
    """

    @property
    def info(self) -> ServerInfo: ...

    def events(self) -> AsyncIterator[Event]:
        """Events in the server's order, approvals included; ends when the connection is lost or closed."""
        ...

    async def start_thread(
        self,
        cwd: str,
        provider: str = "",
        *,
        is_read_only: bool = False,
        asks_always: bool = False,
        config: Mapping[str, Any] | None = None,
    ) -> OpenedThread:
        """A new thread; `is_read_only`, `asks_always`: whatever the configuration allows.

        `config`: keys of config.toml for it.
        """
        ...

    async def resume_thread(self, thread_id: ThreadId, *, config: Mapping[str, Any] | None = None) -> OpenedThread:
        """`config` must be given again: Codex does not keep it."""
        ...

    async def parent_of(self, thread_id: ThreadId) -> ThreadId | None:
        """The thread whose sub-agent works in this one; None where it is nobody's."""
        ...

    async def discard_unused_thread(self, thread_id: ThreadId) -> None:
        """Forgets a thread in which nothing was ever said."""
        ...

    async def list_threads(self, cwds: tuple[str, ...], limit: int = 100) -> tuple[ThreadSummary, ...]: ...
    async def newest_turn(self, thread_id: ThreadId) -> Turn | None: ...
    async def list_queue(self, thread_id: ThreadId) -> tuple[QueuedMessage, ...]: ...
    async def older_turns(self, thread_id: ThreadId, cursor: str) -> tuple[HistoryLoaded, str | None]: ...
    async def start_turn(
        self,
        thread_id: ThreadId,
        text: str,
        client_id: str,
        update: SettingsUpdate | None = None,
        current: SessionSettings | None = None,
    ) -> TurnId:
        """`update`: settings that hold from this turn on, taken together with it; `current`: those in force."""
        ...

    async def prepare_approved_plan(self, thread_id: ThreadId, markdown: str) -> str:
        """Puts a plan in the context of a fresh thread; returns the prompt to begin with."""
        ...

    async def steer_turn(self, thread_id: ThreadId, turn_id: TurnId, text: str, client_id: str) -> None: ...
    async def interrupt_turn(self, thread_id: ThreadId, turn_id: TurnId) -> None: ...
    async def end_background_commands(self, thread_id: ThreadId) -> int: ...
    async def update_settings(self, thread_id: ThreadId, update: SettingsUpdate, current: SessionSettings) -> None: ...
    async def answer(self, approval: Approval, answer: Answer) -> None: ...
    async def rename_thread(self, thread_id: ThreadId, name: str) -> None: ...
    async def archive_thread(self, thread_id: ThreadId) -> None: ...
    async def compact_thread(self, thread_id: ThreadId) -> None: ...
    async def list_models(self) -> tuple[ModelOption, ...]: ...
    async def list_permission_profiles(self) -> tuple[PermissionProfile, ...]: ...
    async def read_defaults(self) -> Defaults:
        """What new sessions begin with, as the user's config.toml has it."""
        ...

    async def write_defaults(self, before: Defaults, wanted: Defaults) -> None:
        """Writes what differs from what was read; refused when the file has changed meanwhile."""
        ...

    async def read_trust(self, folder: str, main_folder: str) -> FolderTrust:
        """What the configuration says of a folder, or of the main folder of its repository."""
        ...

    async def write_trust(self, found: FolderTrust, level: TrustLevel | None) -> None:
        """Writes one entry, None takes it back; refused when the file has changed meanwhile."""
        ...

    async def close(self) -> None: ...


class DefaultsFile(Protocol):
    """What new sessions begin with, without a server: Codex's config.toml itself. Both methods touch the disk.

    Both raise `domain.errors.ConductorError` with words for the user.
    """

    def read_defaults(self) -> Defaults: ...
    def write_defaults(self, before: Defaults, wanted: Defaults) -> None:
        """Writes what differs from what was read; refused when one of that has changed meanwhile."""
        ...


class Connector(Protocol):
    """Opens a connection: joins the server of this CODEX_HOME, or starts it."""

    async def __call__(self) -> Agent: ...


class Repository(Protocol):
    """A git repository, asked without blocking the loop.

    Every method raises `domain.errors.RepositoryError` with a Trouble for the user.
    """

    @property
    def root(self) -> Path: ...

    async def state(self) -> RepositoryState: ...
    async def working_diff(self) -> WorkingDiff: ...
    async def diff_from(self, base: str) -> WorkingDiff:
        """The whole checkout against a commit: committed or not, untracked files included."""
        ...

    async def standing(self, base: str) -> Standing:
        """How the checkout stands to `base`, a branch or commit; cheap enough for every workspace in the tree."""
        ...

    def changes(self) -> AsyncIterator[frozenset[str]]:
        """Paths (relative, `/`) that changed on disk, in batches of about 200 ms; of `.git` only HEAD, index, refs.

        An empty batch says that watching begins. Raises RepositoryError where files cannot be watched.
        """
        ...

    async def close(self) -> None: ...


class TerminalProcess(Protocol):
    """A program in a terminal of its own. Everything happens on the loop's thread."""

    def write(self, data: bytes) -> None: ...
    def resize(self, columns: int, rows: int) -> None: ...
    def pause(self) -> None:
        """Reads no more for now; the program waits when its terminal is full."""
        ...

    def resume(self) -> None: ...
    async def wait(self) -> Ending:
        """How it ended, when all it printed was read."""
        ...

    async def stop(self, patience: Patience) -> None:
        """Ends all processes of its session."""
        ...

    async def left_over(self) -> tuple[LeftOver, ...]: ...
    async def end_left_over(self, patience: Patience) -> None: ...
    def close(self) -> None: ...


class OpenTerminal(Protocol):
    """Starts a program; raises `domain.errors.ScriptError`."""

    async def __call__(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        environment: Mapping[str, str],
        columns: int,
        rows: int,
        on_output: Callable[[bytes], None],
    ) -> TerminalProcess: ...


Progress = Callable[[str], None]
"""Gets lines that say how far something is, on the loop's thread."""


class Worktrees(Protocol):
    """The worktrees of one repository. What removes or makes one is safe against crashes and other windows.

    Every method raises `domain.errors.RepositoryError` with a Trouble for the user.
    """

    @property
    def root(self) -> Path:
        """The main checkout, or the bare repository."""
        ...

    async def checkouts(self) -> tuple[Checkout, ...]: ...
    async def branches(self) -> tuple[Branch, ...]: ...
    async def default_branch(self) -> DefaultBranch | None: ...
    async def commits(self, start: str = "HEAD", limit: int = 100) -> tuple[Commit, ...]: ...
    async def traits(self, commit: str = "HEAD") -> Traits: ...
    async def fetch(self, remote: str = "", *, on_progress: Progress | None = None) -> Trouble | None:
        """Why the newest commits could not be had, if so; one goes on without."""
        ...

    async def create(
        self, path: Path, start: Start, *, submodules: bool = True, on_progress: Progress | None = None
    ) -> Created: ...
    async def losses(self, path: Path, *, goes: str = "", size_limit: int = BIG_FILE) -> Losses:
        """All that `remove` would lose when told the same."""
        ...

    async def salvage(self, path: Path, *, name: str = "", size_limit: int = BIG_FILE) -> Salvage: ...
    async def remove(
        self,
        path: Path,
        seen: str,
        *,
        name: str = "",
        goes: str = "",
        size_limit: int = BIG_FILE,
    ) -> Removed | Changed:
        """`seen` is the fingerprint of the losses that the user agreed to; `goes`: the branch that is to be deleted."""
        ...

    async def restore(
        self, ref: str, path: Path, *, submodules: bool = True, on_progress: Progress | None = None
    ) -> Restored: ...
    async def salvages(self) -> tuple[Salvage, ...]: ...
    async def patch(self, ref: str, base: str = "") -> bytes: ...
    async def forget(self, ref: str) -> None: ...
    async def fetch_request(self, request: OpenRequest, *, on_progress: Progress | None = None) -> Start:
        """Gets the commits of a pull request; where a worktree for it begins."""
        ...

    async def rename_branch(self, old: str, new: str, *, even_if_pushed: bool = False) -> None: ...
    async def unfinished(self) -> tuple[Unfinished, ...]:
        """What processes that are gone have begun: the same call again ends it, `clear` undoes create and restore."""
        ...

    async def clear(self, path: Path) -> Salvage | None: ...
    async def prune(self, path: Path) -> Salvage: ...
    async def repair(self, path: Path) -> Checkout: ...


class PullRequests(Protocol):
    """The pull requests of the repository that a folder is in, with the user's own login.

    Every method raises `domain.errors.GitHubError`.
    """

    async def open_requests(self, folder: Path) -> tuple[OpenRequest, ...]:
        """Those that are open, the one changed last first."""
        ...

    async def request(self, folder: Path, number: int) -> OpenRequest | None:
        """One, open or not; None when there is none of this number."""
        ...

    async def of_branch(self, folder: Path) -> PullRequest | None:
        """That of the branch that is checked out in a folder."""
        ...


Clock = Callable[[], float]
"""Unix seconds."""
