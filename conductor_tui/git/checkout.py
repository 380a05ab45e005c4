"""One git repository: where it is, what its HEAD is, and everything uncommitted. Meets `sessions.ports.Repository`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from conductor_tui.domain.diff_parser import diff_of_patch, parse_unified_diff
from conductor_tui.domain.diffs import FileChangeKind, FileDiff
from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.items import FilePatch, PatchKind
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.sizes import size_text
from conductor_tui.domain.workspaces import RepositoryState, Standing, WorkingDiff
from conductor_tui.git.discovery import no_repository
from conductor_tui.git.program import git, together
from conductor_tui.git.watching import find_places, watch

if TYPE_CHECKING:
    from collections.abc import Callable

    import pygit2

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
        self._refs: frozenset[str] = frozenset()
        """The branch and its upstream, as last seen; empty: not known, or no branch."""

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
        state, self._refs = await self._ask(_head)
        diff = self._diff or WorkingDiff()
        return replace(state, root=self._root, added=diff.added, deleted=diff.deleted, changed_files=len(diff.files))

    async def working_diff(self) -> WorkingDiff:
        """Everything uncommitted against HEAD, untracked files included."""
        state, self._refs = await self._ask(_head)
        self._diff = await self._diff_from("HEAD" if state.head else _EMPTY_TREE)
        return self._diff

    async def diff_from(self, base: str) -> WorkingDiff:
        """The whole checkout against `base`, a branch or commit: committed or not, untracked files included."""
        return await self._diff_from(await self._ask(lambda r: str(r.revparse_single(f"{base}^{{commit}}").id)))

    async def _diff_from(self, base: str) -> WorkingDiff:
        status, text = await together(
            git(
                self._root, "status", "--porcelain=v2", "-z", "--untracked-files=all", "--ignore-submodules=none",
                "--no-renames",
            ),
            git(
                self._root, "diff", *_PLAIN, "--no-color", "--find-renames", "-O/dev/null", "-U3", base, "--",
                limit=DIFF_LIMIT,
            ),
        )  # fmt: skip
        listed = b""
        if len(text) >= DIFF_LIMIT:
            listed = await git(self._root, "diff", *_PLAIN, "--raw", "--numstat", "--no-renames", "-z", base, "--")
        return await asyncio.to_thread(_working_diff, self._root, status, text, listed)

    async def standing(self, base: str) -> Standing:
        """How the checkout stands to `base`, a branch or commit; with none in common all its lines are new."""
        merge_base, ahead, behind = await self._ask(lambda repository: _apart(repository, base))
        status, counts = await together(
            git(self._root, "status", "--porcelain", "-z", "--untracked-files=normal", "--ignore-submodules=none"),
            git(self._root, "diff", *_PLAIN, "--shortstat", merge_base or _EMPTY_TREE, "--"),
        )
        lines = {word: int(number) for number, word in re.findall(r"(\d+) (insertion|deletion)", counts.decode())}
        return Standing(ahead, behind, lines.get("insertion", 0), lines.get("deletion", 0), bool(status))

    async def changes(self) -> AsyncGenerator[frozenset[str], None]:
        """Paths that changed on disk, in batches; an empty one whenever watching begins.

        Raises:
            RepositoryError: files cannot be watched, as where there are no watches left.
        """
        git_dir = await self._ask(lambda repository: Path(os.fsdecode(repository.path)))
        places = await asyncio.to_thread(find_places, self._root, git_dir)
        async with contextlib.aclosing(watch(places, self._follows)) as batches:
            async for batch in batches:
                yield batch

    def _follows(self, ref: str) -> bool:
        """Whether a ref alters what is said of the checkout: its branch, and what that follows."""
        return not self._refs or ref in self._refs

    async def close(self) -> None:
        """Ends the thread of this repository."""
        self._worker.shutdown(wait=False)


_PLAIN = ("--no-ext-diff", "--no-textconv", "--ignore-submodules=none")
"""What git is told of every diff: nothing of the user's is run, and a submodule with anything in it has changed."""

_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def _head(repository: pygit2.Repository) -> tuple[RepositoryState, frozenset[str]]:
    """HEAD, how far it and its upstream are apart, and the refs of both."""
    import pygit2

    root = Path()
    if repository.head_is_unborn:
        target = repository.lookup_reference("HEAD").raw_target
        ref = os.fsdecode(target) if isinstance(target, bytes) else ""
        return RepositoryState(root, branch=ref.removeprefix("refs/heads/")), frozenset({ref} - {""})
    head = str(repository.head.target)
    if repository.head_is_detached:
        return RepositoryState(root, head=head), frozenset()
    refs = {os.fsdecode(repository.head.raw_name)}
    branch = repository.lookup_branch(repository.head.raw_shorthand)
    ahead: int | None = None
    behind: int | None = None
    try:
        if branch.upstream is not None:
            refs.add(os.fsdecode(branch.upstream.raw_name))
            ahead, behind = repository.ahead_behind(repository.head.target, branch.upstream.target)
    except (KeyError, pygit2.GitError):
        pass  # an upstream is named that was never fetched
    name = os.fsdecode(repository.head.raw_shorthand)
    return RepositoryState(root, branch=name, head=head, ahead=ahead, behind=behind), frozenset(refs)


def _apart(repository: pygit2.Repository, base: str) -> tuple[str, int, int]:
    """The merge base of HEAD and `base`, and how many commits each has of its own."""
    if repository.head_is_unborn:
        return "", 0, 0
    head, other = repository.head.target, repository.revparse_single(f"{base}^{{commit}}").id
    found = repository.merge_base(head, other)
    ahead, behind = repository.ahead_behind(head, other)
    return str(found) if found else "", ahead, behind


def _working_diff(root: Path, status: bytes, text: bytes, listed: bytes) -> WorkingDiff:
    """What git said, put together. `listed`: all files by name, where the text was cut. Blocking."""
    left_out: list[str] = []
    if listed:
        left_out.append(f"the diff is over {size_text(DIFF_LIMIT)}; the lines of some files are left out")
        text = text.rpartition(b"\ndiff --git ")[0]
    untracked, conflicted = _paths(status)
    tracked = _once(list(parse_unified_diff(text.decode("utf-8", "surrogateescape"))))
    shown = {path for file in tracked for path in (file.path, file.old_path)}
    tracked += [file for file in _listed(listed) if file.path not in shown]
    tracked = [replace(f, kind=FileChangeKind.CONFLICTED) if f.path in conflicted else f for f in tracked]
    new, skipped = _read_untracked(root, untracked)
    return WorkingDiff((*tracked, *new), (*left_out, *skipped))


def _paths(status: bytes) -> tuple[list[str], set[str]]:
    """Untracked and conflicted paths of `git status --porcelain=v2 -z --no-renames`."""
    untracked, conflicted = [], set()
    for entry in status.split(b"\0"):
        kind, _, rest = entry.partition(b" ")
        if kind == b"?":
            untracked.append(os.fsdecode(rest))
        elif kind == b"u":
            conflicted.add(os.fsdecode(rest.split(b" ", 9)[9]))
    return untracked, conflicted


_LETTERS = {"A": FileChangeKind.ADDED, "D": FileChangeKind.DELETED, "T": FileChangeKind.TYPE_CHANGED}


def _listed(text: bytes) -> list[FileDiff]:
    """The files of `git diff --raw --numstat -z`, without their lines."""
    kinds: dict[str, FileChangeKind] = {}
    files: dict[str, FileDiff] = {}
    fields = iter(os.fsdecode(text).split("\0"))
    for field in fields:
        if field.startswith(":"):
            kinds[next(fields)] = _LETTERS.get(field.rpartition(" ")[2][:1], FileChangeKind.MODIFIED)
        elif field:
            added, deleted, path = field.split("\t", 2)
            kind = kinds.get(path, FileChangeKind.MODIFIED)
            is_binary = added == "-"
            counts = (0, 0) if is_binary else (int(added), int(deleted))
            files[path] = FileDiff(path, kind, is_binary=is_binary, added=counts[0], deleted=counts[1])
    return list(files.values())


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
            left_out.append(f"{name}: over {size_text(FILE_LIMIT)}")
            files.append(FileDiff(name, FileChangeKind.UNTRACKED))
        elif b"\0" in data[:8000]:
            files.append(FileDiff(name, FileChangeKind.UNTRACKED, is_binary=True))
        else:
            patch = FilePatch(name, PatchKind.ADD, data.decode("utf-8", "surrogateescape"))
            files.append(replace(diff_of_patch(patch), kind=FileChangeKind.UNTRACKED))
    return files, left_out
