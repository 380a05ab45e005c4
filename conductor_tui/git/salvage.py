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
import stat
import time
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.troubles import Trouble
from conductor_tui.domain.worktrees import Checkout, LossKind, Salvage
from conductor_tui.git.exact_files import ExactFiles, exact_files
from conductor_tui.git.listing import resolve
from conductor_tui.git.losses import OPERATIONS, Inspection, Tracked
from conductor_tui.git.on_disk import file_of
from conductor_tui.git.program import git

SALVAGE_REFS = "refs/conductor-tui/salvage/"

_SELF = {
    "GIT_AUTHOR_NAME": "conductor-tui", "GIT_AUTHOR_EMAIL": "conductor-tui@localhost",
    "GIT_COMMITTER_NAME": "conductor-tui", "GIT_COMMITTER_EMAIL": "conductor-tui@localhost",
}  # fmt: skip

_NOTES = (
    *OPERATIONS, "MERGE_MSG", "MERGE_MODE", "MERGE_RR", "AUTO_MERGE", "ORIG_HEAD", "REBASE_HEAD", "SQUASH_MSG",
    "BISECT_EXPECTED_REV", "BISECT_NAMES", "BISECT_START", "BISECT_TERMS", "BISECT_RUN", "BISECT_FIRST_PARENT",
    "info/sparse-checkout", "config.worktree", "COMMIT_EDITMSG",
)  # fmt: skip
"""What is kept of a worktree's own folder, beside its index and HEAD."""

_NOTE_LIMIT = 1 << 20
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
    """Permissions (octal) and path of each of those."""
    absent: bytes = b""
    """Files of the index that were not on disk."""


async def keep(
    found: Inspection, checkout: Checkout, *, name: str, now: int, common: Path, held: tuple[int, ...] = ()
) -> Salvage:
    """Makes the commits and their ref from what `inspect` or `inspect_missing` found.

    Raises:
        RepositoryError: something could not be stored; then there is no ref.
    """
    root = found.root
    not_kept = tuple(item for item in found.losses.lost if not item.is_salvaged)
    left_out = {os.fsencode(item.path) for item in not_kept}
    converted = await _converted(found) if found.is_on_disk else set()
    exact = sorted(path for path in found.changed | converted if path in found.tree.files and path not in left_out)
    moved = [os.fsencode(i.path) for i in found.losses.items if i.kind is LossKind.SUBMODULE and i.is_salvaged]
    papers = await asyncio.to_thread(_papers, found, exact)
    apart = {*exact, *papers.absent.split(b"\0"), *moved}
    plain = {
        path: entry for path, (entry, *_) in found.index.items() if entry.stage == b"0" and path not in _intended(found)
    }
    async with exact_files(root, common, held) as files:
        await files.put_entries(_entries(plain))
        index_tree = await files.write_tree()
        await files.clear()
        await files.put_entries(_entries({p: e for p, e in plain.items() if p not in apart}))
        await files.put_files([*exact, *moved])
        files_tree = await files.write_tree()
        await files.clear()
        papers_tree, mentioned = await _write_papers(found, papers, files)
    salvage = Salvage(
        "",
        name,
        str(checkout.path),
        now,
        checkout.branch,
        found.head,
        await _upstream(root, checkout.branch),
        len(exact),
        not_kept,
    )
    head = [found.head] if found.head else []
    index = await _commit(root, index_tree, head, "Index", now)
    paper = await _commit(root, papers_tree, mentioned, "Papers", now)
    commit = await _commit(root, files_tree, [*head, index, paper], _message(salvage), now)
    return await _write_ref(root, salvage, commit)


def _entries(entries: dict[bytes, Tracked]) -> bytes:
    return b"".join(b"%s %s %s\t%s\0" % (e.mode, e.id, e.stage, path) for path, e in entries.items())


def _intended(found: Inspection) -> set[bytes]:
    """Files in the index that are only meant to be added: listed as untracked, and known to the index."""
    untracked = (os.fsencode(i.path) for i in found.losses.items if i.kind is LossKind.UNTRACKED)
    return {path for path in untracked if path in found.index}


def _papers(found: Inspection, exact: list[bytes]) -> Papers:
    index, flags, absent, modes = [], [], [], []
    intended = _intended(found)
    for path, entries in found.index.items():
        if path in intended:
            continue
        index += [b"%s %s %s\t%s\0" % (e.mode, e.id, e.stage, path) for e in entries]
        if entries[0].is_submodule:
            continue
        if entries[0].tag not in b"HM":
            flags.append(b"%c %s\0" % (entries[0].tag, path))
        if path not in found.tree.files:
            absent.append(path + b"\0")
    for path in exact:
        mode = file_of(found.losses.path, path).lstat().st_mode
        if stat.S_ISREG(mode):
            modes.append(b"%o %s\0" % (stat.S_IMODE(mode), path))
    return Papers(
        b"".join(index), b"".join(flags), b"".join(p + b"\0" for p in sorted(intended)),
        b"".join(p + b"\0" for p in exact), b"".join(modes), b"".join(absent),
    )  # fmt: skip


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


async def _write_papers(found: Inspection, papers: Papers, files: ExactFiles) -> tuple[str, list[str]]:
    """The tree of the papers, and the commits that they mention."""
    root = found.root
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
    ids = {id for value in notes.values() for id in _ID.findall(value)}
    ids |= set((await git(root, "for-each-ref", "--format=%(objectname)", "refs/worktree", "refs/bisect")).split())
    said = await git(root, "cat-file", "--batch-check", stdin=b"".join(id + b"\n" for id in sorted(ids)))
    commits = [line.split(b" ")[0].decode() for line in said.splitlines() if b" commit " in line]
    return await files.write_tree(), commits


def _read_notes(git_dir: Path) -> dict[bytes, bytes]:
    """What git has noted in the worktree's own folder, by path."""
    notes: dict[bytes, bytes] = {}
    for name in _NOTES:
        top = git_dir / name
        for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
            try:
                if file.is_file() and not file.is_symlink() and file.stat().st_size <= _NOTE_LIMIT:
                    notes[os.fsencode(file.relative_to(git_dir))] = file.read_bytes()
            except OSError as error:
                raise RepositoryError(Trouble("The worktree's git folder cannot be read", str(error))) from error
    return notes


async def _upstream(root: Path, branch: str) -> str:
    if not branch:
        return ""
    said = await git(root, "for-each-ref", "--format=%(upstream:short)", f"refs/heads/{branch}")
    return os.fsdecode(said).split("\n")[0]


async def _commit(root: Path, tree: str, parents: list[str], message: str, now: int) -> str:
    dates = {"GIT_AUTHOR_DATE": f"{now} +0000", "GIT_COMMITTER_DATE": f"{now} +0000"}
    arguments = [argument for parent in parents for argument in ("-p", parent)]
    said = await git(
        root, "commit-tree", "--no-gpg-sign", tree, *arguments, stdin=message.encode(), environment=_SELF | dates
    )
    return said.decode().strip()


def _message(salvage: Salvage) -> str:
    about = json.dumps(msgspec.to_builtins(salvage))  # ASCII, so that any path can be in it
    return f"Salvage of {salvage.name.encode('ascii', 'backslashreplace').decode()}\n\n{about}\n"


async def _write_ref(root: Path, salvage: Salvage, commit: str) -> Salvage:
    when = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(salvage.made_at))
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", salvage.name).strip("-") or "worktree"
    for number in range(1, 1000):
        ref = f"{SALVAGE_REFS}{safe}-{when}" + (f"-{number}" if number > 1 else "")
        if await resolve(root, ref):
            continue
        await git(root, "-c", "core.fsync=all", "update-ref", ref, commit, "0" * len(commit))
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
    return tuple(sorted(found, key=lambda salvage: (-salvage.made_at, salvage.ref)))


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
    await git(root, "update-ref", "-d", salvage.ref)
