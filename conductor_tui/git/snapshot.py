"""Keeps a worktree as commits under a private ref; the user's index and HEAD stay as they are, and no hook is run.

The ref names the commit of the files on disk. Its parents: HEAD (if there is one), the commit of the index, and the
commit of the papers, whose tree says what a plain commit cannot: the index with its stages, which files are stored
byte for byte, which are missing, and what git had noted of a merge or rebase. So `git diff REF^1 REF` and `git show
REF:path` work by hand.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from pathlib import Path

import msgspec
from msgspec.structs import replace

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.worktrees import Checkout, LossKind, Salvage
from conductor_tui.git.listing import resolve
from conductor_tui.git.losses import Inspection
from conductor_tui.git.program import git
from conductor_tui.git.raw_blobs import exact_files
from conductor_tui.git.snapshot_metadata import (
    draw_up,
    entries_of,
    gone_on,
    intended_in,
    lines,
    read_papers,
    write_papers,
)

SALVAGE_REFS = "refs/conductor-tui/salvage/"

_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")

_SELF = {
    "GIT_AUTHOR_NAME": "conductor-tui", "GIT_AUTHOR_EMAIL": "conductor-tui@localhost",
    "GIT_COMMITTER_NAME": "conductor-tui", "GIT_COMMITTER_EMAIL": "conductor-tui@localhost",
}  # fmt: skip


async def keep(
    found: Inspection,
    checkout: Checkout,
    *,
    name: str,
    now: int,
    common: Path,
    held: tuple[int, ...] = (),
    earlier: Salvage | None = None,
) -> Salvage:
    """Makes the commits and their ref from what `inspect` or `inspect_missing` found.

    `earlier` was made before a removal that went half-way: what is gone since then is taken from it, and it is the
    answer when nothing else has changed.

    Raises:
        RepositoryError: something could not be stored; then there is no ref.
    """
    root = found.root
    not_kept = tuple(item for item in found.losses.lost if not item.is_salvaged)
    left_out = {os.fsencode(item.path) for item in not_kept}
    converted = await _converted(found) if found.is_on_disk else set()
    exact = sorted(path for path in found.changed | converted if path in found.tree.files and path not in left_out)
    moved = [os.fsencode(i.path) for i in found.losses.items if i.kind is LossKind.SUBMODULE and i.is_salvaged]
    papers = await asyncio.to_thread(draw_up, found, exact)
    apart = {*exact, *lines(papers.absent), *moved}
    intended = intended_in(found)
    plain = {path: e for path, (e, *_) in found.index.items() if e.stage == b"0" and path not in intended}
    async with exact_files(root, common, held) as files:
        await files.put_entries(entries_of(plain))
        index_tree = await files.write_tree()
        await files.clear()
        if earlier is None:
            await files.put_entries(entries_of({path: e for path, e in plain.items() if path not in apart}))
        else:
            papers = gone_on(await read_papers(root, earlier.ref), papers)
            await files.read_tree(f"{await resolve(root, earlier.ref)}^{{tree}}")
        await files.put_files([*exact, *moved])
        files_tree = await files.write_tree()
        await files.clear()
        papers_tree, mentioned = await write_papers(found, papers, files)
    trees = (files_tree, index_tree, papers_tree)
    if earlier is not None and earlier.head == found.head and await _trees(root, earlier) == trees:
        return earlier
    salvage = Salvage(
        "", name, str(checkout.path), now, checkout.branch, found.head, await _upstream(root, checkout.branch),
        len(lines(papers.exact)), not_kept,
    )  # fmt: skip
    head = [found.head] if found.head else []
    index = await _commit(root, index_tree, head, "Index", now)
    paper = await _commit(root, papers_tree, mentioned, "Papers", now)
    commit = await _commit(root, files_tree, [*head, index, paper], _message(salvage), now)
    return await _write_ref(root, salvage, commit, held)


async def _trees(root: Path, salvage: Salvage) -> tuple[str, ...]:
    """The trees of the files, the index and the papers of a salvage."""
    *_, index, paper = (await git(root, "rev-parse", f"{salvage.ref}^@")).decode().split()
    said = await git(root, "rev-parse", *(f"{commit}^{{tree}}" for commit in (salvage.ref, index, paper)))
    return tuple(said.decode().split())


_CONVERTING = ("text", "eol", "crlf", "ident", "filter", "working-tree-encoding")


async def _converted(found: Inspection) -> set[bytes]:
    """Tracked files whose bytes on disk are not those in git: line ends, filters. LFS keeps its files itself."""
    root = found.losses.path
    paths = [path for path in found.index if path in found.tree.files]
    said = await git(
        root, "check-attr", "-z", "--stdin", *_CONVERTING, stdin=b"".join(path + b"\0" for path in paths), timeout=300
    )
    setting = (await git(root, "config", "--get", "core.autocrlf", ok=(0, 1))).strip().lower()
    return await asyncio.to_thread(_read_attributes, said, setting in (b"true", b"input"))


def _read_attributes(said: bytes, all_text: bool) -> set[bytes]:
    converted: set[bytes] = set()
    by_lfs: set[bytes] = set()
    fields = said.split(b"\0")
    for path, name, value in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        if name == b"filter" and value == b"lfs":
            by_lfs.add(path)
        elif value not in (b"unspecified", b"unset") or (all_text and name == b"text" and value == b"unspecified"):
            converted.add(path)
    return converted - by_lfs


async def _upstream(root: Path, branch: str) -> str:
    if not branch:
        return ""
    said = await git(root, "for-each-ref", "--format=%(upstream:short)", f"refs/heads/{branch}")
    return os.fsdecode(said).split("\n")[0]


async def _commit(root: Path, tree: str, parents: list[str], message: str, now: int) -> str:
    dates = {"GIT_AUTHOR_DATE": f"{now} +0000", "GIT_COMMITTER_DATE": f"{now} +0000"}
    arguments = [argument for parent in parents for argument in ("-p", parent)]
    said = await git(
        root,
        *_NO_HOOKS,
        "commit-tree",
        "--no-gpg-sign",
        tree,
        *arguments,
        stdin=message.encode(),
        environment=_SELF | dates,
    )
    return said.decode().strip()


def _message(salvage: Salvage) -> str:
    about = json.dumps(msgspec.to_builtins(salvage))  # ASCII, so that any path can be in it
    return f"Salvage of {salvage.name.encode('ascii', 'backslashreplace').decode()}\n\n{about}\n"


async def _write_ref(root: Path, salvage: Salvage, commit: str, held: tuple[int, ...]) -> Salvage:
    when = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(salvage.made_at))
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", salvage.name).strip("-") or "worktree"
    for number in range(1, 1000):
        ref = f"{SALVAGE_REFS}{safe}-{when}" + (f"-{number}" if number > 1 else "")
        if await resolve(root, ref):
            continue
        await git(root, *_NO_HOOKS, "-c", "core.fsync=all", "update-ref", ref, commit, "0" * len(commit), held=held)
        return replace(salvage, ref=ref)
    raise RepositoryError(Trouble("Too many salvages of this name", salvage.name))


async def list_salvages(root: Path) -> tuple[Salvage, ...]:
    """All that are kept, newest first."""
    text = await git(root, "for-each-ref", "--format=%(refname)%00%(contents:body)%00", SALVAGE_REFS)
    fields = os.fsdecode(text).split("\0")
    found = []
    for ref, body in zip(fields[::2], fields[1::2], strict=False):
        try:
            about = msgspec.convert(json.loads(body), Salvage)
        except (ValueError, msgspec.ValidationError):
            continue  # a ref that somebody else has put there
        found.append(replace(about, ref=ref.strip("\n")))
    return tuple(sorted(found, key=lambda salvage: (salvage.made_at, len(salvage.ref), salvage.ref), reverse=True))


async def find_salvage(root: Path, ref: str) -> Salvage:
    """The salvage under `ref`.

    Raises:
        RepositoryError: there is none.
    """
    for salvage in await list_salvages(root):
        if salvage.ref == ref:
            return salvage
    raise RepositoryError(Trouble("Nothing is kept under this name", ref))


async def patch_of(root: Path, ref: str, base: str = "") -> bytes:
    """What was uncommitted, untracked files included, for `git apply`; from `base` with the commits too."""
    salvage = await find_salvage(root, ref)
    start = (
        base
        or salvage.head
        or (await git(root, "hash-object", "-t", "tree", "-w", "--stdin", stdin=b"")).decode().strip()
    )
    return await git(
        root, "diff", "--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--no-color", start, ref, "--"
    )


async def forget_salvage(root: Path, ref: str) -> None:
    """Deletes the ref; git drops the objects in its own time.

    Raises:
        RepositoryError: there is none.
    """
    salvage = await find_salvage(root, ref)
    await git(root, *_NO_HOOKS, "update-ref", "-d", salvage.ref)
