"""Makes a worktree again from a salvage: branch (another if it is taken), index, files, a merge that was going on."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.worktrees import Operation, Restored, Salvage
from conductor_tui.git.creation import (
    CHECKOUT_TIMEOUT,
    NO_LFS,
    Plan,
    Progress,
    add_worktree,
    check_free,
    checkout_at,
    finish,
    without_lfs,
)
from conductor_tui.git.journal import JournalEntry, PathLock
from conductor_tui.git.listing import find_traits, free_branch_name, list_checkouts, resolve
from conductor_tui.git.program import git
from conductor_tui.git.raw_blobs import exact_files
from conductor_tui.git.safe_paths import folder_beneath
from conductor_tui.git.snapshot import find_salvage
from conductor_tui.git.snapshot_metadata import Papers, lines, read_papers
from conductor_tui.git.tree_walk import file_of


async def restore(
    root: Path, hold: PathLock, ref: str, *, common: Path, submodules: bool = True, on_progress: Progress
) -> Restored:
    """A worktree at the path of `hold`, which is free, as it was when `ref` was made.

    Raises:
        RepositoryError: no such salvage, or it cannot be written there; the salvage stays in any case.
    """
    check_free(hold.path)
    salvage = await find_salvage(root, ref)
    plan = await _plan(root, salvage)
    made = plan.is_new and bool(salvage.head)
    hold.begin(
        JournalEntry(
            Operation.RESTORE,
            str(hold.path),
            branch=plan.branch if made else "",
            branch_head=salvage.head if made else "",
            ref=ref,
        )
    )
    if salvage.head:
        notes = await add_worktree(root, hold, plan, files=False, on_progress=on_progress)
    else:
        notes = await add_worktree(root, hold, Plan(plan.commit), files=False, on_progress=on_progress)
        await git(hold.path, "symbolic-ref", "HEAD", f"refs/heads/{plan.branch}", held=(hold.fd,))
    on_progress("Files")
    notes += await _fill(root, hold, ref, common)
    if salvage.upstream and made:
        notes += await _follow(root, hold, plan.branch, salvage.upstream)
    notes += await finish(root, hold, submodules=submodules, on_progress=on_progress)
    is_other = bool(salvage.branch) and plan.branch != salvage.branch
    return Restored(await checkout_at(root, hold.path), is_other, tuple(notes))


async def _plan(root: Path, salvage: Salvage) -> Plan:
    if not salvage.branch:
        return Plan(salvage.head or await resolve(root, salvage.ref))
    at = await resolve(root, f"refs/heads/{salvage.branch}")
    is_used = any(c.branch == salvage.branch for c in await list_checkouts(root))
    commit = salvage.head or await resolve(root, salvage.ref)
    if not at and not is_used:
        return Plan(commit, salvage.branch, is_new=True)
    if at == salvage.head and not is_used:
        return Plan(commit, salvage.branch)
    return Plan(commit, await free_branch_name(root, f"{salvage.branch}-restored"), is_new=True)


async def _fill(root: Path, hold: PathLock, ref: str, common: Path) -> list[Trouble]:
    """Index, files and notes of the new worktree."""
    path, held = hold.path, (hold.fd,)
    papers = await read_papers(root, ref)
    exact, absent = lines(papers.exact), set(lines(papers.absent))
    await git(path, "update-index", "-z", "--index-info", stdin=papers.index, held=held)
    entries = [entry.partition(b"\t") for entry in lines(papers.index)]
    apart = absent.union(exact)
    plain = [
        name
        for about, _, name in entries
        if about.endswith(b" 0") and not about.startswith(b"160000") and name not in apart
    ]
    traits = await find_traits(root, f"{ref}^{{commit}}")
    is_without = traits.uses_lfs and not traits.has_lfs_program
    await git(
        path, *(NO_LFS if is_without else ()), "checkout-index", "-u", "-z", "--stdin",
        stdin=b"".join(name + b"\0" for name in plain), timeout=CHECKOUT_TIMEOUT, held=held,
    )  # fmt: skip
    async with exact_files(path, common, held) as files:
        await files.read_tree(f"{await resolve(root, ref)}^{{tree}}")
        await files.take_out(exact)
    folders = [name for about, _, name in entries if about.startswith(b"160000") and name not in absent]
    await asyncio.to_thread(_make_folders, path, folders)
    await asyncio.to_thread(_set_modes, path, lines(papers.modes), lines(papers.folders))
    await _mark(path, papers, held)
    await _set_refs(path, lines(papers.refs), held)
    await _write_notes(root, path, ref)
    await git(path, "update-index", "-q", "--refresh", ok=(0, 1), timeout=CHECKOUT_TIMEOUT, held=held)
    return [without_lfs(path)] if is_without else []


def _make_folders(root: Path, names: list[bytes]) -> None:
    """Folders of submodules, empty as git makes them."""
    for name in names:
        *parts, last = name.split(b"/")
        with folder_beneath(root, parts, [0o777] * len(parts)) as folder, contextlib.suppress(FileExistsError):
            os.mkdir(last, dir_fd=folder)


def _set_modes(root: Path, files: list[bytes], folders: list[bytes]) -> None:
    """Permissions as they were, of inner folders before outer ones, which may then no longer be entered."""
    for mode, name in map(_mode_and_name, files):
        file = file_of(root, name)
        if not file.is_symlink() and file.is_file():
            file.chmod(mode)
    for mode, name in sorted(map(_mode_and_name, folders), key=lambda pair: pair[1], reverse=True):
        with (
            contextlib.suppress(FileNotFoundError, NotADirectoryError),
            folder_beneath(root, name.split(b"/") if name else ()) as folder,
        ):
            os.fchmod(folder, mode)


def _mode_and_name(line: bytes) -> tuple[int, bytes]:
    mode, _, name = line.partition(b" ")
    return int(mode, 8) & 0o7777, name


async def _mark(path: Path, papers: Papers, held: tuple[int, ...]) -> None:
    """Sets again what git was told not to look at, and what is only meant to be added."""
    flags = [(line[:1], line[2:] + b"\0") for line in lines(papers.flags)]
    hidden = b"".join(name for tag, name in flags if tag in (b"S", b"s"))
    unchanged = b"".join(name for tag, name in flags if tag.islower())
    for option, names in (("--skip-worktree", hidden), ("--assume-unchanged", unchanged)):
        if names:
            await git(path, "update-index", option, "-z", "--stdin", stdin=names, held=held)
    if papers.intended:
        await git(
            path, "add", "--intent-to-add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul",
            stdin=papers.intended, environment={"GIT_LITERAL_PATHSPECS": "1"}, held=held,
        )  # fmt: skip


async def _set_refs(path: Path, refs: list[bytes], held: tuple[int, ...]) -> None:
    """The worktree's own refs, as those of a bisection."""
    commands = (b"update %s %s\n" % (name, id) for id, _, name in (line.partition(b" ") for line in refs))
    await git(path, "-c", "core.hooksPath=/dev/null", "update-ref", "--stdin", stdin=b"".join(commands), held=held)


async def _write_notes(root: Path, path: Path, ref: str) -> None:
    parents = (await git(root, "rev-parse", f"{ref}^@")).decode().split()
    git_dir = Path(os.fsdecode((await git(path, "rev-parse", "--absolute-git-dir")).removesuffix(b"\n")))
    names = await git(root, "ls-tree", "-r", "-z", "--name-only", f"{parents[-1]}:")
    for name in lines(names):
        if name.startswith(b"notes/"):
            content = await git(root, "cat-file", "blob", f"{parents[-1]}:{os.fsdecode(name)}")
            file = git_dir / os.fsdecode(name.removeprefix(b"notes/"))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


async def _follow(root: Path, hold: PathLock, branch: str, upstream: str) -> list[Trouble]:
    try:
        await git(root, "branch", f"--set-upstream-to={upstream}", branch, held=(hold.fd,))
    except RepositoryError as error:
        return [Trouble(f"{branch} follows nothing now", error.trouble.cause)]
    return []
