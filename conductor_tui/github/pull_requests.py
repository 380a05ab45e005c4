"""Asks GitHub about pull requests by the `gh` program, with the user's login. Meets `sessions.ports.PullRequests`."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from conductor_tui.domain.errors import GitHubError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.pull_requests import OPEN_LIMIT, CheckCounts, OpenRequest, PullRequest, RequestState
from conductor_tui.fileio.processes import end_process

TIMEOUT = 30.0
"""Seconds after which a `gh` that does not answer is ended."""

_NOT_INHERITED = ("GH_REPO", "GH_FORCE_TTY", "GH_DEBUG", "DEBUG", "CLICOLOR_FORCE")
"""What would point gh at another repository, or change what it prints."""

_ENVIRONMENT = {
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
    "GH_SPINNER_DISABLED": "1",
    "GH_PAGER": "cat",
    "NO_COLOR": "1",
    "CLICOLOR": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

_REQUEST_FIELDS = (
    "number,title,author,headRefName,headRepository,headRepositoryOwner,isCrossRepository,isDraft,updatedAt,url"
)
_STANDING_FIELDS = "number,title,state,isDraft,statusCheckRollup,url"


class _Owner(Struct):
    login: str = ""


class _Repository(Struct):
    name: str = ""


class _Request(Struct, rename="camel"):
    number: int
    title: str = ""
    author: _Owner | None = None
    head_ref_name: str = ""
    head_repository: _Repository | None = None
    head_repository_owner: _Owner | None = None
    is_cross_repository: bool = False
    is_draft: bool = False
    updated_at: datetime | None = None
    url: str = ""


class _Check(Struct, rename="camel"):
    """A check run, or what another service said of the commit."""

    name: str = ""
    workflow_name: str = ""
    context: str = ""
    status: str = ""
    conclusion: str = ""
    state: str = ""
    started_at: str = ""


class _Standing(Struct, rename="camel"):
    number: int
    title: str = ""
    state: str = ""
    is_draft: bool = False
    status_check_rollup: list[_Check] | None = None
    url: str = ""


_Answer = TypeVar("_Answer")


class GitHubRequests:
    """Asked without blocking the loop. Every method raises GitHubError with a Trouble for the user."""

    async def open_requests(self, folder: Path) -> tuple[OpenRequest, ...]:
        """Those that are open, the one changed last first."""
        said = await _gh(folder, "pr", "list", "--state", "open", "--limit", str(OPEN_LIMIT), "--json", _REQUEST_FIELDS)
        found = [_open_request(r) for r in _read(said, list[_Request])]
        return tuple(sorted(found, key=lambda r: -r.updated_at))

    async def request(self, folder: Path, number: int) -> OpenRequest | None:
        """One, open or not; None when there is none of this number."""
        said = await _gh(folder, "pr", "view", str(number), "--json", _REQUEST_FIELDS)
        return _open_request(_read(said, _Request)) if said else None

    async def of_branch(self, folder: Path) -> PullRequest | None:
        """That of the branch that is checked out in a folder, as gh finds it: by what the branch follows, too."""
        said = await _gh(folder, "pr", "view", "--json", _STANDING_FIELDS)
        if not said:
            return None
        found = _read(said, _Standing)
        state = {"MERGED": RequestState.MERGED, "CLOSED": RequestState.CLOSED}.get(found.state)
        state = state or (RequestState.DRAFT if found.is_draft else RequestState.OPEN)
        return PullRequest(found.number, found.title, state, _counts(found.status_check_rollup or ()), found.url)


def _open_request(said: _Request) -> OpenRequest:
    owner = said.head_repository_owner.login if said.head_repository_owner else ""
    name = said.head_repository.name if said.head_repository else ""
    base = re.search(r"([^/]+/[^/]+)/pull/\d+$", said.url)
    return OpenRequest(
        number=said.number,
        title=said.title,
        branch=said.head_ref_name,
        author=said.author.login if said.author else "",
        head_repository=f"{owner}/{name}" if owner and name else "",
        repository=base[1] if base else "",
        is_from_fork=said.is_cross_repository,
        is_draft=said.is_draft,
        updated_at=int(said.updated_at.timestamp()) if said.updated_at else 0,
    )


_PASSING = ("SUCCESS", "NEUTRAL", "SKIPPED")
_FAILING = ("FAILURE", "ERROR", "CANCELLED", "TIMED_OUT", "ACTION_REQUIRED", "STARTUP_FAILURE")


def _counts(checks: Sequence[_Check]) -> CheckCounts:
    newest: dict[tuple[str, str, str], _Check] = {}
    for check in sorted(checks, key=lambda c: c.started_at):
        newest[check.workflow_name, check.name, check.context] = check
    outcomes = [c.state or (c.conclusion if c.status in ("COMPLETED", "") else "") for c in newest.values()]
    passing = sum(o in _PASSING for o in outcomes)
    failing = sum(o in _FAILING for o in outcomes)
    return CheckCounts(passing, failing, len(outcomes) - passing - failing)


def _read(said: bytes, kind: type[_Answer]) -> _Answer:
    try:
        return msgspec.json.decode(said, type=kind)
    except msgspec.MsgspecError as error:
        steps = ("Update gh: its answers have other fields.",)
        raise GitHubError(Trouble("gh answers in an unknown way", str(error), steps)) from error


async def _gh(folder: Path, *arguments: str) -> bytes:
    """What gh printed; nothing when there is no such pull request."""
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    try:
        process = await asyncio.create_subprocess_exec(
            "gh", *arguments,
            cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, env=environment | _ENVIRONMENT, start_new_session=True,
        )  # fmt: skip
    except FileNotFoundError as error:
        if not await asyncio.to_thread(folder.is_dir):
            raise GitHubError(Trouble("The folder is gone", str(folder))) from error
        steps = ("Install it from https://cli.github.com, then: gh auth login",)
        cause = "Pull requests are asked for by GitHub's program gh."
        raise GitHubError(Trouble("gh is not installed", cause, steps), is_lasting=True) from error
    except OSError as error:
        raise GitHubError(Trouble("gh cannot be started", str(error)), is_lasting=True) from error
    try:
        out, err = await asyncio.wait_for(process.communicate(), TIMEOUT)
    except TimeoutError as error:
        steps = ("Look at the network, then try again.",)
        raise GitHubError(Trouble("GitHub does not answer", f"gh took over {TIMEOUT:g} s.", steps)) from error
    finally:
        if process.returncode is None:
            await end_process(process)
    if process.returncode == 0:
        return out
    said = err.decode("utf-8", "replace").strip() or f"exit code {process.returncode}"
    if _NONE.search(said):
        return b""
    raise _error(said, process.returncode)


_NONE = re.compile(r"no (?:open )?pull requests? found|Could not resolve to a PullRequest", re.IGNORECASE)

_AUTH_CODE = 4
"""gh's exit code where nobody is signed in."""

_MEANINGS: tuple[tuple[str, str, str, bool], ...] = (
    ("known GitHub host|no git remotes|not a git(?:hub)? repository", "No remote of this repository is on GitHub",
     "If one is, on a server of your own: gh auth login --hostname HOST", True),
    ("rate limit|HTTP 429", "GitHub wants no more questions for now",
     "Wait: gh api rate_limit says until when.", False),
    ("gh auth login|not logged in|HTTP 401|Bad credentials|authentication required", "gh is not signed in",
     "Sign in, in a terminal: gh auth login", True),
    ("HTTP 403|HTTP 404|Could not resolve to a Repository|SAML|Resource not accessible",
     "GitHub does not let gh see this repository",
     "Look at who is signed in, and what for: gh auth status", True),
    ("error connecting to|no such host|dial tcp|i/o timeout|connection (?:refused|reset)|network is unreachable"
     "|TLS handshake|HTTP 5\\d\\d", "GitHub cannot be reached",
     "Look at the network, then try again.", False),
)  # fmt: skip
"""What gh says, what that means to a user, what to do, and whether asking again is of no use."""


def _error(said: str, code: int | None) -> GitHubError:
    for pattern, title, step, is_lasting in _MEANINGS:
        if re.search(pattern, said, re.IGNORECASE) or (code == _AUTH_CODE and "auth" in pattern):
            return GitHubError(Trouble(title, said[:2000], (step,)), is_lasting=is_lasting)
    return GitHubError(Trouble("gh failed", said[:2000], ("Run gh pr status there to see more.",)))
