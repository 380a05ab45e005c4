"""The papers of a salvage: what a plain commit cannot say of a worktree, as files in a tree of their own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.worktrees import LossKind
from conductor_tui.git.losses import OPERATIONS, OWN_REFS, Inspection, Tracked
from conductor_tui.git.program import git
from conductor_tui.git.raw_blobs import ExactFiles
from conductor_tui.git.tree_walk import file_of

_NOTES = (
    *OPERATIONS, "MERGE_MSG", "MERGE_MODE", "MERGE_RR", "AUTO_MERGE", "ORIG_HEAD", "REBASE_HEAD", "SQUASH_MSG",
    "MERGE_AUTOSTASH", "logs/HEAD",
    "BISECT_EXPECTED_REV", "BISECT_NAMES", "BISECT_START", "BISECT_TERMS", "BISECT_RUN", "BISECT_FIRST_PARENT",
    "info/sparse-checkout", "config.worktree", "COMMIT_EDITMSG",
)  # fmt: skip
"""What is kept of a worktree's own folder, beside its index and HEAD."""

_LATER = ("refs", "folders")
"""Papers that the first versions did not write."""

_LOG = b"logs/HEAD"
_ID = re.compile(rb"\b[0-9a-f]{40}(?:[0-9a-f]{24})?\b")


class Papers(Struct, frozen=True):
    """What the commit of the papers holds: lists of lines that end with NUL, each a file in its tree."""

    index: bytes = b""
    """As `git ls-files --stage -z` prints it, without files that are only meant to be added."""
    flags: bytes = b""
    """Tag and path of entries that git was told not to look at."""
    intended: bytes = b""
    """Files that are only meant to be added (`git add -N`)."""
    exact: bytes = b""
    """Files that are to be written byte for byte from the commit of the files."""
    modes: bytes = b""
    """Permissions (octal) and path of all files that the index or the commit of the files has."""
    folders: bytes = b""
    """The same of all folders that such files and submodules are in, and of the worktree's own (an empty path)."""
    absent: bytes = b""
    """Files, and folders of submodules, that are in the index and were not on disk."""
    refs: bytes = b""
    """Commit and name of the refs that the worktree had for itself."""


def entries_of(entries: dict[bytes, Tracked]) -> bytes:
    """As `git update-index --index-info` takes them."""
    return b"".join(b"%s %s %s\t%s\0" % (e.mode, e.id, e.stage, path) for path, e in entries.items())


def intended_in(found: Inspection) -> set[bytes]:
    """Files in the index that are only meant to be added: listed as untracked, and known to the index."""
    untracked = (os.fsencode(i.path) for i in found.losses.items if i.kind is LossKind.UNTRACKED)
    return {path for path in untracked if path in found.index}


def draw_up(found: Inspection, exact: list[bytes]) -> Papers:
    """What is to be said of a worktree whose files `exact` are stored byte for byte; looks at them."""
    root = found.losses.path
    index, flags, absent, modes, submodules = [], [], [], [], set()
    intended = intended_in(found)
    for path, entries in found.index.items():
        if path in intended:
            continue
        index += [b"%s %s %s\t%s\0" % (e.mode, e.id, e.stage, path) for e in entries]
        if entries[0].is_submodule:
            if file_of(root, path).is_dir():
                submodules.add(path)
            elif found.is_on_disk:
                absent.append(path + b"\0")
            continue
        if entries[0].tag not in b"HM":
            flags.append(b"%c %s\0" % (entries[0].tag, path))
        if path not in found.tree.files:
            absent.append(path + b"\0")
    kept = {*exact, *found.index} & found.tree.files.keys() if found.is_on_disk else set[bytes]()
    for path in kept:
        with contextlib.suppress(FileNotFoundError):
            mode = file_of(root, path).lstat().st_mode
            if stat.S_ISREG(mode):
                modes.append(b"%o %s" % (stat.S_IMODE(mode), path))
    return Papers(
        b"".join(index), b"".join(flags), b"".join(p + b"\0" for p in sorted(intended)),
        b"".join(p + b"\0" for p in exact), joined(modes),
        _folder_modes(root, kept, submodules) if found.is_on_disk else b"", b"".join(absent),
    )  # fmt: skip


def _folder_modes(root: Path, files: Iterable[bytes], folders: Iterable[bytes]) -> bytes:
    """Permissions and path of the folders, of those that the files are in, and of all above them."""
    found = {b"", *folders}
    for path in [*files, *folders]:
        while (path := path.rpartition(b"/")[0]) not in found:
            found.add(path)
    modes = []
    for folder in found:
        with contextlib.suppress(FileNotFoundError):
            modes.append(b"%o %s" % (stat.S_IMODE(file_of(root, folder).lstat().st_mode), folder))
    return joined(modes)


async def write_papers(found: Inspection, papers: Papers, files: ExactFiles) -> tuple[str, list[str]]:
    """The tree of the papers, and the commits that they mention."""
    root = found.root
    papers = replace(papers, refs=await _own_refs(root))
    contents = {f"papers/{name}".encode(): value for name, value in msgspec.structs.asdict(papers).items()}
    notes = await asyncio.to_thread(_read_notes, found.git_dir)
    contents |= {b"notes/" + path: value for path, value in notes.items()}
    entries = []
    for path, value in contents.items():
        blob = (await git(root, "hash-object", "-w", "--stdin", stdin=value)).strip()
        entries.append(b"100644 %s 0\t%s\0" % (blob, path))
    for path, staged in found.index.items():
        entries += [b"%s %s 0\tstages/%s/%s\0" % (e.mode, e.id, e.stage, path) for e in staged if e.stage != b"0"]
    await files.put_entries(b"".join(entries))
    by_log = set(_ID.findall(notes.get(_LOG, b"")))
    ids = {id for path, value in notes.items() if path != _LOG for id in _ID.findall(value)}
    ids |= {line.partition(b" ")[0] for line in lines(papers.refs)}
    commits = await _commits(root, ids) | await _only_in(root, await _commits(root, by_log), found.head)
    return await files.write_tree(), sorted(commits)


async def _own_refs(root: Path) -> bytes:
    said = await git(root, "for-each-ref", "--format=%(objecttype) %(objectname) %(refname)", *OWN_REFS)
    return joined([line.removeprefix(b"commit ") for line in said.splitlines() if line.startswith(b"commit ")])


async def _commits(root: Path, ids: set[bytes]) -> set[str]:
    """Those of these ids that are commits, and still there."""
    said = await git(root, "cat-file", "--batch-check", stdin=b"".join(id + b"\n" for id in sorted(ids)))
    return {line.split(b" ")[0].decode() for line in said.splitlines() if b" commit " in line}


async def _only_in(root: Path, commits: set[str], head: str) -> set[str]:
    """Those that nothing but the log of HEAD still names, without those that others of them come from."""
    if not commits:
        return set()
    others = ["--not", *([head] if head else []), "--branches", "--tags", "--remotes"]
    asked = "".join(f"{commit}\n" for commit in sorted(commits))
    said = await git(root, "rev-list", "--parents", "--stdin", *others, stdin=asked.encode())
    found = [line.split() for line in said.decode().splitlines()]
    return commits & {commit for commit, *_ in found} - {parent for _, *parents in found for parent in parents}


def _read_notes(git_dir: Path) -> dict[bytes, bytes]:
    """What git has noted in the worktree's own folder, by path."""
    notes: dict[bytes, bytes] = {}
    for name in _NOTES:
        top = git_dir / name
        for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
            try:
                if file.is_file() and not file.is_symlink():
                    notes[os.fsencode(file.relative_to(git_dir))] = file.read_bytes()
            except OSError as error:
                raise RepositoryError(Trouble("The worktree's git folder cannot be read", str(error))) from error
    return notes


def lines(text: bytes) -> list[bytes]:
    """The lines of a paper."""
    return [line for line in text.split(b"\0") if line]


def joined(texts: set[bytes] | list[bytes]) -> bytes:
    """A paper of these lines, sorted."""
    return b"".join(text + b"\0" for text in sorted(texts))


def gone_on(earlier: Papers, now: Papers) -> Papers:
    """The papers of a worktree half of which was removed after `earlier`: what is gone since then is not absent."""
    return replace(
        now,
        exact=joined({*lines(earlier.exact), *lines(now.exact)}),
        modes=_newest(earlier.modes, now.modes),
        folders=_newest(earlier.folders, now.folders),
        absent=joined({*lines(earlier.absent)} & {*lines(now.absent)}),
    )


def _newest(earlier: bytes, now: bytes) -> bytes:
    """Permissions by path, those of `now` where both have them."""
    both = (line.partition(b" ") for line in (*lines(earlier), *lines(now)))
    modes = {path: mode for mode, _, path in both}
    return joined([mode + b" " + path for path, mode in modes.items()])


async def read_papers(root: Path, ref: str) -> Papers:
    """The papers of the salvage under `ref`.

    Raises:
        RepositoryError: it is none of ours, or damaged.
    """
    parents = (await git(root, "rev-parse", f"{ref}^@")).decode().split()
    try:
        there = (await git(root, "ls-tree", "--name-only", f"{parents[-1]}:papers")).decode().split()
        texts = {
            name: await git(root, "cat-file", "blob", f"{parents[-1]}:papers/{name}")
            for name in Papers.__struct_fields__
            if name in there or name not in _LATER
        }
    except (IndexError, RepositoryError) as error:
        trouble = Trouble("This salvage cannot be read", f"{ref} was made by another version, or is damaged.")
        raise RepositoryError(trouble) from error
    return Papers(**texts)
