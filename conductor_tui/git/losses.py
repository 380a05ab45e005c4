"""What the removal of a worktree would lose. Whatever cannot be determined is in the list, as unknown."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Iterable
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.sizes import size_text
from conductor_tui.domain.worktrees import Checkout, IgnoredFolder, Loss, Losses, LossKind, Operation
from conductor_tui.git.program import git
from conductor_tui.git.submodules import find_described, find_submodule_losses
from conductor_tui.git.tree_walk import Tree, can_read, can_store, link_target, walk

_FLAGGED = frozenset(b"hmcrksS")
"""Tags of `git ls-files -v` for files that git was told not to look at: assume-unchanged, skip-worktree."""


OWN_REFS = ("refs/worktree", "refs/bisect", "refs/rewritten")
"""What each worktree has for itself."""


class Tracked(Struct, frozen=True):
    """One entry of the index."""

    tag: int
    """As `git ls-files -v` has it: lower case for assume-unchanged, S for skip-worktree."""
    mode: bytes
    id: bytes
    stage: bytes

    @property
    def is_submodule(self) -> bool:
        return self.mode == b"160000"


class Inspection(Struct):
    """A worktree, looked at once from all sides; `losses` is its outcome."""

    losses: Losses
    tree: Tree
    root: Path
    """Where git is asked about it."""
    is_on_disk: bool = True
    index: dict[bytes, list[Tracked]] = field(default_factory=dict)
    git_dir: Path = Path()
    """The worktree's own folder in `.git/worktrees`."""
    head: str = ""
    changed: set[bytes] = field(default_factory=set)
    """Files on disk that differ from the index or are not in it."""


async def inspect(
    root: Path, checkout: Checkout, *, branch_goes: bool, size_limit: int, unfinished: Operation | None = None
) -> Inspection:
    """Looks at a worktree that is there.

    With `unfinished` REMOVE, files that are gone already are no loss.
    """
    path = checkout.path
    tree = await asyncio.to_thread(walk, path)
    found = Inspection(Losses(path), tree, path)
    items: list[Loss] = [
        Loss(LossKind.UNKNOWN, os.fsdecode(folder), f"cannot be read: {reason}", is_salvaged=False)
        for folder, reason in sorted(tree.unread.items())
    ]
    items += [Loss(LossKind.UNKNOWN, os.fsdecode(m), "another file system", is_salvaged=False) for m in tree.mounts]
    items += [Loss(LossKind.NESTED, os.fsdecode(n), is_salvaged=False) for n in sorted(tree.nested)]

    async def ask(what: str, question: Awaitable[Iterable[Loss]]) -> None:
        try:
            items.extend(await question)
        except RepositoryError as error:
            cause = f"{what}: {error.trouble.cause or error.trouble.title}"
            items.append(Loss(LossKind.UNKNOWN, "", cause, is_salvaged=False))

    await ask("index", _read_index(found))
    await ask("files", _files(found, size_limit))
    submodules = {os.fsdecode(p) for p, e in found.index.items() if e[0].is_submodule}
    come_back = submodules & await find_described(path)
    items = [i for i in items if i.kind is not LossKind.NESTED or i.path not in come_back]
    await ask("submodules", find_submodule_losses(path, found.git_dir, sorted(submodules)))
    await ask("commits", _commits(root, found, checkout.branch, branch_goes))
    await ask("stash", _stashes(path, checkout.branch))
    await ask("operations", _operations(found))
    if checkout.locked is not None and unfinished is None:
        items.append(Loss(LossKind.LOCKED, "", checkout.locked, is_salvaged=False))
    if unfinished is Operation.REMOVE:
        items = [i for i in items if i.kind is not LossKind.DELETED]
    await asyncio.to_thread(_conclude, found, items, (checkout.branch, branch_goes, size_limit))
    return found


async def inspect_missing(root: Path, checkout: Checkout, git_dir: Path) -> Inspection:
    """What git still has of a worktree whose folder is gone: HEAD and the index, as if all its files were unchanged."""
    found = Inspection(Losses(checkout.path), Tree(), root, is_on_disk=False, git_dir=git_dir, head=checkout.head)
    found.index = await _index(root, f"--git-dir={git_dir}")
    found.tree.files = dict.fromkeys(found.index, 0)
    return found


async def _read_index(found: Inspection) -> Iterable[Loss]:
    root = found.losses.path
    said = await git(root, "rev-parse", "--absolute-git-dir")
    found.git_dir = Path(os.fsdecode(said.removesuffix(b"\n")))
    found.head = (await git(root, "rev-parse", "--verify", "--quiet", "HEAD", ok=(0, 1))).decode().strip()
    found.index = await _index(root)
    return ()


async def _index(root: Path, *options: str) -> dict[bytes, list[Tracked]]:
    text = await git(root, *options, "ls-files", "--stage", "-v", "-z")
    return await asyncio.to_thread(_parse_index, text)


def _parse_index(text: bytes) -> dict[bytes, list[Tracked]]:
    index: dict[bytes, list[Tracked]] = {}
    for entry in text.split(b"\0")[:-1]:
        about, _, path = entry.partition(b"\t")
        tag, mode, oid, stage = about.split(b" ")
        index.setdefault(path, []).append(Tracked(tag[0], mode, oid, stage))
    return index


_KINDS = {"M": LossKind.MODIFIED, "T": LossKind.MODIFIED, "A": LossKind.UNTRACKED, "D": LossKind.DELETED}
"""The letter of the working tree (an intended `add` is A)."""


async def _files(found: Inspection, size_limit: int) -> Iterable[Loss]:
    text = await git(
        found.losses.path, "-c", "core.ignoreStat=false",
        "status", "--porcelain=v2", "-z", "--untracked-files=all", "--ignore-submodules=none", "--find-renames",
    )  # fmt: skip
    fields = iter(text.split(b"\0"))
    items: list[Loss] = []
    for entry in fields:
        kind, _, rest = entry.partition(b" ")
        if kind == b"1":
            xy, sub, *_, path = rest.split(b" ", 7)
            items.append(_changed(found, xy.decode(), path, "", sub.decode()))
        elif kind == b"2":
            xy, sub, *_, path = rest.split(b" ", 8)
            items.append(_changed(found, xy.decode(), path, os.fsdecode(next(fields)), sub.decode()))
        elif kind == b"u":
            path = rest.split(b" ", 9)[9]
            found.changed.add(path)
            items.append(Loss(LossKind.CONFLICTED, os.fsdecode(path)))
        elif kind == b"?" and not rest.endswith(b"/"):
            found.changed.add(rest)
            items.append(Loss(LossKind.UNTRACKED, os.fsdecode(rest)))
    for path in await _hidden_changes(found):
        found.changed.add(path)
        items.append(Loss(LossKind.MODIFIED, os.fsdecode(path), "git was told not to look at it"))
    return await asyncio.to_thread(_measured, found, items, size_limit)


def _changed(found: Inspection, xy: str, path: bytes, old: str, sub: str) -> Loss:
    if sub.startswith("S"):
        has_own = "M" in sub or "U" in sub
        detail = "has changes of its own" if has_own else "stands at another commit"
        return Loss(LossKind.SUBMODULE, os.fsdecode(path), detail, is_salvaged=not has_own)
    found.changed.add(path)
    kind = LossKind.RENAMED if old else _KINDS.get(xy[1], LossKind.STAGED)
    if kind is LossKind.STAGED and xy[0] == "D":
        kind = LossKind.DELETED
    return Loss(kind, os.fsdecode(path), old)


async def _hidden_changes(found: Inspection) -> list[bytes]:
    """Files that differ although git was told not to look: assume-unchanged, or left out of a sparse checkout."""
    flagged = [
        path
        for path, (entry, *_) in found.index.items()
        if entry.tag in _FLAGGED and path in found.tree.files and not entry.is_submodule
    ]
    changed = []
    for path in flagged:  # few: somebody has named each of them
        if target := link_target(found.losses.path, path):
            said = await git(found.losses.path, "hash-object", "--stdin", stdin=target)
        else:
            said = await git(found.losses.path, "hash-object", "--", os.fsdecode(path))
        if said.strip() != found.index[path][0].id:
            changed.append(path)
    return changed


def _measured(found: Inspection, items: list[Loss], size_limit: int) -> list[Loss]:
    """With sizes, and whether a salvage can keep them."""
    measured = []
    for item in items:
        path = os.fsencode(item.path)
        size = found.tree.sizes.get(path, 0)
        if path not in found.tree.files:
            measured.append(item)
        elif size > size_limit:
            detail = item.detail or f"over {size_text(size_limit)}"
            measured.append(replace(item, size=size, detail=detail, is_salvaged=False))
        elif found.tree.is_nested(path):
            measured.append(replace(item, size=size, is_salvaged=False))
        elif not can_store(found.losses.path, path):
            measured.append(replace(item, size=size, detail="git stores no such name", is_salvaged=False))
        elif not can_read(found.losses.path, path):
            measured.append(replace(item, size=size, detail="cannot be read", is_salvaged=False))
        else:
            measured.append(replace(item, size=size))
    return measured


async def _commits(root: Path, found: Inspection, branch: str, branch_goes: bool) -> Iterable[Loss]:
    """Commits that no remote has: lost, or mentioned when the branch keeps them."""
    if not found.head:
        return ()
    refs = await git(found.losses.path, "for-each-ref", "--format=%(objectname)", *OWN_REFS)
    tips = [found.head, *refs.decode().split()]
    log = ("log", "-z", "--no-show-signature", "--format=%H%x00%s")
    other = [f"--exclude={branch}"] if branch else []
    lost = await git(
        root, *log, *tips, "--not", *(other if branch_goes else ()), "--branches", "--tags", "--remotes", "--"
    )
    items = [Loss(LossKind.COMMIT, *pair) for pair in _pairs(lost)]
    gone = {item.path for item in items}
    unpushed = await git(root, *log, *tips, "--not", *other, "--branches", "--tags", "--remotes", "--")
    return [
        *items,
        *(Loss(LossKind.COMMIT, id, s, stays=True) for id, s in _pairs(unpushed) if id not in gone),
    ]


def _pairs(text: bytes) -> list[tuple[str, str]]:
    fields = os.fsdecode(text).split("\0")
    return list(zip(fields[::2], fields[1::2], strict=False))


async def _stashes(root: Path, branch: str) -> Iterable[Loss]:
    """Stashes are the repository's and stay; those made on this branch are mentioned."""
    if not branch:
        return ()
    text = await git(root, "stash", "list", "-z", "--format=%gd%x00%gs")
    begins = (f"WIP on {branch}:", f"On {branch}:")
    return [Loss(LossKind.STASH, name, words, stays=True) for name, words in _pairs(text) if words.startswith(begins)]


OPERATIONS = {
    "MERGE_HEAD": "a merge", "rebase-merge": "a rebase", "rebase-apply": "a rebase, or patches being applied",
    "CHERRY_PICK_HEAD": "a cherry-pick", "REVERT_HEAD": "a revert", "BISECT_LOG": "a bisection",
    "sequencer": "several cherry-picks or reverts",
}  # fmt: skip
"""What git leaves in a worktree's folder while something is going on."""


async def _operations(found: Inspection) -> Iterable[Loss]:
    return [
        Loss(LossKind.OPERATION, "", words) for name, words in OPERATIONS.items() if (found.git_dir / name).exists()
    ]


def _ignored(found: Inspection) -> tuple[IgnoredFolder, ...]:
    """All files on disk that are neither tracked, nor in the list, nor in a repository of their own."""
    folders: dict[bytes, list[int]] = {}
    for path, size in found.tree.sizes.items():
        if path in found.index or path in found.changed or found.tree.is_nested(path):
            continue
        top, _, _ = path.partition(b"/")
        counts = folders.setdefault(top, [0, 0])
        counts[0] += 1
        counts[1] += size
    return tuple(IgnoredFolder(os.fsdecode(top), *counts) for top, counts in sorted(folders.items()))


def _conclude(found: Inspection, items: list[Loss], asked: tuple[str, bool, int]) -> None:
    """The list, and its fingerprint."""
    losses = Losses(found.losses.path, tuple(items), _ignored(found))
    digest = hashlib.sha256()

    def put(value: object) -> None:
        digest.update(repr(value).encode("utf-8", "surrogatepass") + b"\0")

    put((found.head, *asked))
    for item in items:
        put((item, found.tree.files.get(os.fsencode(item.path))))
    for folder in losses.ignored:
        put((folder.path, folder.files))
    for path in sorted(found.tree.nested):
        put(sorted(pair for pair in found.tree.files.items() if pair[0].startswith(path + b"/")))
    for entry in sorted(found.index.items()):
        put(entry)
    found.losses = replace(losses, fingerprint=digest.hexdigest())
