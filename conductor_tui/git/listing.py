"""What there is: checkouts, branches, commits, and what makes a repository special. Reads only."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.worktrees import Branch, Checkout, Commit, DefaultBranch, Traits
from conductor_tui.git.program import git

_HALF_MADE = "/commondir: Success"
"""What git says of a worktree that another git is making at this moment: its file is there, and still empty."""
_TRIES = 20
_PAUSE = 0.05
"""Seconds between them."""


async def _read(root: Path, *arguments: str) -> bytes:
    """What git prints that looks at all worktrees, once none is half made; after a second, git's error."""
    for _ in range(_TRIES - 1):
        try:
            return await git(root, *arguments)
        except RepositoryError as error:
            if _HALF_MADE not in error.trouble.cause:
                raise
        await asyncio.sleep(_PAUSE)
    return await git(root, *arguments)


async def list_checkouts(root: Path) -> tuple[Checkout, ...]:
    """The main checkout first, then the others by path."""
    try:
        text = await _read(root, "worktree", "list", "--porcelain", "-z")
    except RepositoryError as error:
        if "usage:" not in error.trouble.cause:
            raise
        text = (await _read(root, "worktree", "list", "--porcelain")).replace(b"\n", b"\0")  # git before 2.36
    blocks = [block for block in text.split(b"\0\0") if block.strip(b"\0")]
    found = [_checkout(block) for block in blocks]
    return tuple(replace(checkout, is_main=index == 0) for index, checkout in enumerate(found))


def _checkout(block: bytes) -> Checkout:
    fields: dict[str, str] = {}
    for line in block.strip(b"\0").split(b"\0"):
        name, _, value = os.fsdecode(line).partition(" ")
        fields[name] = value
    head = fields.get("HEAD", "")
    return Checkout(
        path=Path(fields["worktree"]),
        head="" if set(head) == {"0"} else head,
        branch=fields.get("branch", "").removeprefix("refs/heads/"),
        is_bare="bare" in fields,
        locked=fields.get("locked"),
        prunable=fields.get("prunable"),
    )


def _records(text: bytes, width: int) -> Iterator[tuple[str, ...]]:
    """Records of `width` fields that each end with NUL; git may put a newline between records."""
    fields = os.fsdecode(text).split("\0")
    for start in range(0, len(fields) - width + 1, width):
        first, *rest = fields[start : start + width]
        yield (first.removeprefix("\n"), *rest)


_BRANCH_FORMAT = "%00".join(
    ("%(refname)", "%(objectname)", "%(committerdate:unix)", "%(upstream:short)", "%(worktreepath)", "%(symref)",
     "%(contents:subject)", "")
)  # fmt: skip


async def list_branches(root: Path) -> tuple[Branch, ...]:
    """Local branches and those of remotes, newest commit first."""
    names = await list_remotes(root)
    text = await _read(
        root, "for-each-ref", "--sort=-committerdate", f"--format={_BRANCH_FORMAT}", "refs/heads", "refs/remotes"
    )
    branches = []
    for ref, head, date, upstream, path, symref, subject in _records(text, 7):
        if symref:
            continue  # origin/HEAD is another name of a branch
        remote, name = "", ref.removeprefix("refs/heads/")
        if ref.startswith("refs/remotes/"):
            name = ref.removeprefix("refs/remotes/")
            remote = max((n for n in names if name.startswith(f"{n}/")), key=len, default=name.partition("/")[0])
        checked_out = Path(path) if path else None
        branches.append(Branch(name, head, int(date or 0), subject, remote, upstream, checked_out))
    return tuple(branches)


async def list_remotes(root: Path) -> tuple[str, ...]:
    """Names of remotes, origin first."""
    names = os.fsdecode(await git(root, "remote")).split("\n")
    return tuple(sorted(filter(None, names), key=lambda name: (name != "origin", name)))


async def find_default_branch(root: Path) -> DefaultBranch | None:
    """The remote's HEAD, else main or master, else the branch that is checked out; None before the first commit."""
    remotes = await list_remotes(root)
    candidates: list[tuple[str, str]] = []
    for remote in remotes:
        said = await git(root, "symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD", ok=(0, 1, 128))
        if said:
            name = os.fsdecode(said).strip().removeprefix(f"refs/remotes/{remote}/")
            candidates.append((name, f"refs/remotes/{remote}/{name}"))
    for name in ("main", "master"):
        candidates += [(name, f"refs/remotes/{remote}/{name}") for remote in remotes]
        candidates.append((name, f"refs/heads/{name}"))
    current = os.fsdecode(await git(root, "symbolic-ref", "--quiet", "HEAD", ok=(0, 1, 128))).strip()
    candidates.append((current.removeprefix("refs/heads/"), "HEAD"))
    for name, ref in candidates:
        if head := await resolve(root, ref):
            start = ref.removeprefix("refs/remotes/").removeprefix("refs/heads/")
            return DefaultBranch(name, start, head)
    return None


async def resolve(root: Path, name: str) -> str:
    """The commit id that `name` stands for; empty when it stands for none."""
    if not name or name.startswith("-"):
        return ""
    said = await git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", ok=(0, 1, 128))
    return said.decode().strip()


async def list_commits(root: Path, start: str, limit: int) -> tuple[Commit, ...]:
    """`start` and the commits before it, newest first; none when it names no commit."""
    commit = await resolve(root, start)
    if not commit:
        return ()
    text = await git(root, "log", "-z", f"-n{limit}", "--no-show-signature", "--format=%H%x00%ct%x00%an%x00%s", commit)
    return tuple(Commit(id, int(date), author, subject) for id, date, author, subject in _records(text, 4))


async def find_traits(root: Path, commit: str = "HEAD") -> Traits:
    """What the files of `commit` need beyond git itself."""
    said = (await git(root, "rev-parse", "--is-shallow-repository", "--is-bare-repository")).decode().split()
    traits = Traits(is_shallow=said[0] == "true", is_bare=said[1] == "true")
    if not (found := await resolve(root, commit)):
        return traits
    modules = await git(root, "ls-tree", "--name-only", found, "--", ":(top).gitmodules")
    attributes = await git(
        root, "grep", "-l", "-e", "filter=lfs", found, "--", ":(top,glob)**/.gitattributes", ok=(0, 1)
    )
    lfs = await git(root, "lfs", "version", ok=(0, 1)) if attributes else b""
    return replace(
        traits, has_submodules=bool(modules), uses_lfs=bool(attributes), has_lfs_program=lfs.startswith(b"git-lfs/")
    )


async def free_branch_name(root: Path, wanted: str) -> str:
    """`wanted`, or with a number behind it when that branch exists."""
    for name in itertools.chain((wanted,), (f"{wanted}-{n}" for n in itertools.count(2))):
        if not await resolve(root, f"refs/heads/{name}"):
            return name
    raise AssertionError("there is always another number")
