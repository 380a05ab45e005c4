"""One git repository: where it is, what its HEAD is, and everything uncommitted. Meets `sessions.ports.Repository`."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from conductor_tui.domain.diff_parser import diff_of_patch, parse_unified_diff
from conductor_tui.domain.diffs import FileChangeKind, FileDiff
from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.items import FilePatch, PatchKind
from conductor_tui.domain.troubles import Trouble
from conductor_tui.domain.workspaces import RepositoryState, Standing, WorkingDiff
from conductor_tui.git.place import no_repository
from conductor_tui.git.program import git

if TYPE_CHECKING:
    from collections.abc import Callable

    import pygit2

log = logging.getLogger(__name__)

T = TypeVar("T")

DIFF_LIMIT = 16 << 20
"""Bytes of diff that are parsed; the rest is named, not shown."""
FILE_LIMIT = 1 << 20
"""Bytes of an untracked file that are shown."""
UNTRACKED_LIMIT = 500
"""Untracked files that are read."""


async def open_repository(path: Path) -> GitRepository:
    """The repository that holds `path`.

    Raises:
        RepositoryError: none there, a bare one, or one that git does not trust.
    """
    worker = ThreadPoolExecutor(1, thread_name_prefix="libgit2")
    try:
        repository, root = await asyncio.get_running_loop().run_in_executor(worker, _discover, path)
    except BaseException:
        worker.shutdown(wait=False)
        raise
    return GitRepository(root, repository, worker)


def _discover(path: Path) -> tuple[pygit2.Repository, Path]:
    import pygit2

    try:
        found = pygit2.discover_repository(str(path))
        if found is None:
            raise RepositoryError(no_repository(path))
        repository = pygit2.Repository(found)
    except pygit2.GitError as error:
        if "not owned" in str(error):
            steps = (f"If you trust it: git config --global --add safe.directory {path}",)
            raise RepositoryError(Trouble("Git does not trust this repository", str(error), steps)) from error
        raise RepositoryError(Trouble("The git repository cannot be opened", f"{path}: {error}")) from error
    if repository.is_bare or repository.workdir is None:
        steps = ("Start in a checkout: git worktree add ../checkout, then conductor-tui ../checkout",)
        raise RepositoryError(Trouble("This is a bare repository", f"{path} has no working tree.", steps))
    return repository, Path(os.fsdecode(repository.workdir)).resolve()


class GitRepository:
    """Asked without blocking the loop: the `git` program in subprocesses, libgit2 on one thread of its own."""

    def __init__(self, root: Path, repository: pygit2.Repository, worker: ThreadPoolExecutor) -> None:
        self._root = root
        self._repository = repository
        self._worker = worker
        self._diff: WorkingDiff | None = None

    @property
    def root(self) -> Path:
        """The working tree's top folder, links resolved."""
        return self._root

    async def _ask(self, question: Callable[[pygit2.Repository], T]) -> T:
        import pygit2

        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, question, self._repository)
        except (pygit2.GitError, KeyError, ValueError) as error:
            raise RepositoryError(Trouble("The git repository cannot be read", f"{self._root}: {error}")) from error

    async def state(self) -> RepositoryState:
        """HEAD and its upstream; the counts are those of the newest `working_diff`."""
        state = await self._ask(_head)
        diff = self._diff or WorkingDiff()
        return replace(state, root=self._root, added=diff.added, deleted=diff.deleted, changed_files=len(diff.files))

    async def working_diff(self) -> WorkingDiff:
        """Everything uncommitted against HEAD, untracked files included."""
        head = await self._ask(_head)
        self._diff = await self._diff_from("HEAD" if head.head else _EMPTY_TREE)
        return self._diff

    async def diff_from(self, base: str) -> WorkingDiff:
        """The whole checkout against `base`, a branch or commit: committed or not, untracked files included."""
        return await self._diff_from(await self._ask(lambda r: str(r.revparse_single(f"{base}^{{commit}}").id)))

    async def _diff_from(self, base: str) -> WorkingDiff:
        status, text = await asyncio.gather(
            git(self._root, "status", "--porcelain=v2", "-z", "--untracked-files=all", "--ignore-submodules=none"),
            git(
                self._root, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--find-renames",
                "-O/dev/null", "-U3", base, "--",
            ),
        )  # fmt: skip
        left_out: list[str] = []
        if len(text) > DIFF_LIMIT:
            left_out.append(f"the diff is {len(text) >> 20} MB; its first {DIFF_LIMIT >> 20} MB are shown")
            text = text[:DIFF_LIMIT].rpartition(b"\ndiff --git ")[0]
        untracked, conflicted = _paths(status)
        tracked = [
            replace(f, kind=FileChangeKind.CONFLICTED) if f.path in conflicted else f
            for f in parse_unified_diff(text.decode("utf-8", "surrogateescape"))
        ]
        new, skipped = await asyncio.to_thread(_read_untracked, self._root, untracked)
        return WorkingDiff((*_once(tracked), *new), (*left_out, *skipped))

    async def standing(self, base: str) -> Standing:
        """How the checkout stands to `base`, a branch or commit; with none in common all its lines are new."""
        merge_base, ahead, behind = await self._ask(lambda repository: _apart(repository, base))
        status, counts = await asyncio.gather(
            git(self._root, "status", "--porcelain", "-z", "--untracked-files=normal", "--ignore-submodules=none"),
            git(self._root, "diff", "--shortstat", "--no-ext-diff", "--no-textconv", merge_base or _EMPTY_TREE, "--"),
        )
        lines = {word: int(number) for number, word in re.findall(r"(\d+) (insertion|deletion)", counts.decode())}
        return Standing(ahead, behind, lines.get("insertion", 0), lines.get("deletion", 0), bool(status))

    async def changes(self) -> AsyncIterator[frozenset[str]]:
        """Paths that changed on disk, in batches; ends when files cannot be watched (too many, no inotify)."""
        from watchfiles import awatch

        try:
            async for batch in awatch(
                self._root,
                watch_filter=_is_relevant,
                debounce=400,
                step=100,
                rust_timeout=60_000,
                yield_on_timeout=False,
            ):
                yield frozenset(path.removeprefix(f"{self._root}{os.sep}") for _, path in batch)
        except (OSError, RuntimeError) as error:
            log.warning("cannot watch %s: %s", self._root, error)

    async def close(self) -> None:
        """Ends the thread of this repository."""
        self._worker.shutdown(wait=False)


_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def _head(repository: pygit2.Repository) -> RepositoryState:
    """HEAD, and how far it and its upstream are apart."""
    import pygit2

    root = Path()
    if repository.head_is_unborn:
        target = repository.lookup_reference("HEAD").raw_target
        name = target.decode("utf-8", "surrogateescape") if isinstance(target, bytes) else ""
        return RepositoryState(root, branch=name.removeprefix("refs/heads/"))
    head = str(repository.head.target)
    if repository.head_is_detached:
        return RepositoryState(root, head=head)
    branch = repository.branches.local[repository.head.shorthand]
    ahead: int | None = None
    behind: int | None = None
    try:
        if branch.upstream is not None:
            ahead, behind = repository.ahead_behind(repository.head.target, branch.upstream.target)
    except (KeyError, pygit2.GitError):
        pass  # an upstream is named that was never fetched
    return RepositoryState(root, branch=repository.head.shorthand, head=head, ahead=ahead, behind=behind)


def _apart(repository: pygit2.Repository, base: str) -> tuple[str, int, int]:
    """The merge base of HEAD and `base`, and how many commits each has of its own."""
    if repository.head_is_unborn:
        return "", 0, 0
    head, other = repository.head.target, repository.revparse_single(f"{base}^{{commit}}").id
    found = repository.merge_base(head, other)
    ahead, behind = repository.ahead_behind(head, other)
    return str(found) if found else "", ahead, behind


def _paths(status: bytes) -> tuple[list[str], set[str]]:
    """Untracked and conflicted paths of `git status --porcelain=v2 -z`."""
    untracked, conflicted = [], set()
    for entry in status.split(b"\0"):
        kind, _, rest = entry.partition(b" ")
        if kind == b"?":
            untracked.append(rest.decode("utf-8", "surrogateescape"))
        elif kind == b"u":
            conflicted.add(rest.split(b" ", 9)[9].decode("utf-8", "surrogateescape"))
    return untracked, conflicted


def _once(files: list[FileDiff]) -> list[FileDiff]:
    """Conflicts come twice, combined and against our side: the one with lines is kept."""
    best: dict[str, FileDiff] = {}
    for file in files:
        if file.path not in best or not best[file.path].hunks:
            best[file.path] = file
    return list(best.values())


def _read_untracked(root: Path, paths: list[str]) -> tuple[list[FileDiff], list[str]]:
    """Untracked files as diffs, and what is left out with the reason."""
    files, left_out = [], []
    if len(paths) > UNTRACKED_LIMIT:
        left_out.append(
            f"{len(paths) - UNTRACKED_LIMIT} more untracked files; add them to .gitignore to leave them out"
        )
    for name in paths[:UNTRACKED_LIMIT]:
        path = root / name
        try:
            if path.is_symlink():
                data = os.fsencode(path.readlink())
            elif path.is_dir():
                left_out.append(f"{name}: a repository of its own")
                continue
            else:
                with path.open("rb") as file:
                    data = file.read(FILE_LIMIT + 1)
        except OSError as error:
            left_out.append(f"{name}: {error.strerror or error}")
            continue
        if len(data) > FILE_LIMIT:
            left_out.append(f"{name}: over {FILE_LIMIT >> 20} MB")
            files.append(FileDiff(name, FileChangeKind.UNTRACKED))
        elif b"\0" in data[:8000]:
            files.append(FileDiff(name, FileChangeKind.UNTRACKED, is_binary=True))
        else:
            patch = FilePatch(name, PatchKind.ADD, data.decode("utf-8", "surrogateescape"))
            files.append(replace(diff_of_patch(patch), kind=FileChangeKind.UNTRACKED))
    return files, left_out


_NOISY = frozenset(
    {"node_modules", "__pycache__", ".venv", "venv", "target", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
)


def _is_relevant(change: Any, path: str) -> bool:
    """Whether a change can alter the diff: of `.git` only HEAD, index and refs can."""
    parts = Path(path).parts
    if ".git" in parts:
        inside = parts[parts.index(".git") + 1 :]
        return bool(inside) and (inside[0] in ("HEAD", "index", "packed-refs") or inside[0] == "refs")
    return not _NOISY.intersection(parts)
