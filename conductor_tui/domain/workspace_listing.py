"""Workspaces for the command line: as text for people, as JSON objects for scripts; what a removal would lose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conductor_tui.domain import listing
from conductor_tui.domain.sizes import size_text
from conductor_tui.domain.text import from_home, visible_line
from conductor_tui.domain.threads import ThreadSummary
from conductor_tui.domain.workspaces import RepositoryRecord, WorkspaceRecord, WorkspaceState, display_name, in_tree
from conductor_tui.domain.worktrees import Loss, Losses

CONTEXT = ".context"


def workspace_of(thread: ThreadSummary, records: Sequence[WorkspaceRecord]) -> WorkspaceRecord | None:
    """The workspace that a session works in: the innermost one whose folder holds the session's."""
    if not thread.cwd:
        return None
    folder = Path(thread.cwd)
    holding = [r for r in records if not r.is_archived and folder.is_relative_to(r.path)]
    return max(holding, key=lambda r: len(r.path.parts), default=None)


def table(
    repositories: Sequence[RepositoryRecord],
    records: Sequence[WorkspaceRecord],
    threads: Sequence[ThreadSummary],
    *,
    now: float,
    home: str,
) -> str:
    """Each repository with its workspaces and their sessions, then the sessions elsewhere; archived ones last."""
    by_workspace: dict[str, list[ThreadSummary]] = {}
    for thread in threads:
        record = workspace_of(thread, records)
        by_workspace.setdefault(record.id if record else "", []).append(thread)
    blocks = []
    ordered = in_tree(records, repositories)
    for repository in repositories:
        lines = [visible_line(from_home(str(repository.root), home))]
        ours = [r for r in ordered if r.repository == repository.root]
        said = _said_by_several(ours)
        for record in (r for r in ours if not r.is_archived):
            lines.append(f"  {_line(record, said)}")
            found = by_workspace.get(record.id)
            if found:
                lines += [f"    {line}" for line in listing.table(found, now=now, home="").splitlines()]
        lines += [f"  ! {', '.join(names)}: {trouble}" for trouble, names in said.items()]
        if archived := [r for r in ours if r.is_archived]:
            lines.append(f"  archived: {', '.join(visible_line(r.name) for r in archived)}")
        blocks.append("\n".join(lines))
    elsewhere = by_workspace.get("")
    if elsewhere or not blocks:
        blocks.append(listing.table(elsewhere or (), now=now, home=home))
    return "\n\n".join(blocks)


def workspace_text(record: WorkspaceRecord, thread_id: str = "") -> str:
    """A workspace that was just made or restored, a labelled line for each thing to know."""
    facts = {"Workspace": record.name, "Path": str(record.path), "Branch": record.branch, "Session": thread_id}
    return "\n".join(f"{label:<11}{visible_line(fact)}" for label, fact in facts.items() if fact)


def _trouble(record: WorkspaceRecord) -> str:
    return visible_line(record.trouble.splitlines()[0]) if record.trouble else ""


def _said_by_several(records: Sequence[WorkspaceRecord]) -> dict[str, list[str]]:
    """What several workspaces note in the same words, such as an error of fetching, with their names."""
    names: dict[str, list[str]] = {}
    for record in records:
        if not record.is_archived and (trouble := _trouble(record)):
            names.setdefault(trouble, []).append(visible_line(record.name))
    return {trouble: found for trouble, found in names.items() if len(found) > 1}


def _line(record: WorkspaceRecord, said: Mapping[str, object]) -> str:
    """`said`: what stands below for several."""
    name, branch = visible_line(record.name), visible_line(display_name(record))
    parts = [name] if branch == name else [name, branch]
    if record.is_missing:
        parts.append("its folder is gone")
    elif record.state is not WorkspaceState.READY:
        parts.append(record.state.value)
    if trouble := _trouble(record):
        parts.append("!" if trouble in said else f"! {trouble}")
    return "  ".join(parts)


def workspace_object(record: WorkspaceRecord, threads: Sequence[ThreadSummary] = ()) -> dict[str, Any]:
    """A workspace for scripts; keys are never taken away, only added to.

    `id`, `name`, `repository` and `path` (folders), `branch`, `base`, `title`, `is_local`, `is_pinned`, `is_missing`,
    `state` (creating, ready, archiving, archived), `port` (0: none), `trouble`, `created_at` and `archived_at` (seconds
    since 1970; 0: not archived), `salvage` (a git ref), `sessions` (ids).
    """
    return {
        "id": record.id,
        "name": record.name,
        "repository": str(record.repository),
        "path": str(record.path),
        "branch": record.branch,
        "base": record.base,
        "title": record.title,
        "is_local": record.is_local,
        "is_pinned": record.is_pinned,
        "is_missing": record.is_missing,
        "state": record.state.value,
        "port": record.port,
        "trouble": record.trouble,
        "created_at": record.created_at,
        "archived_at": record.archived_at,
        "salvage": record.salvage,
        "sessions": [thread.id for thread in threads],
    }


def objects(records: Sequence[WorkspaceRecord], threads: Sequence[ThreadSummary]) -> list[dict[str, Any]]:
    """All workspaces, each with its sessions."""
    by_workspace: Mapping[str, list[ThreadSummary]] = {r.id: [] for r in records}
    for thread in threads:
        if record := workspace_of(thread, records):
            by_workspace[record.id].append(thread)
    return [workspace_object(record, by_workspace[record.id]) for record in records]


def session_objects(records: Sequence[WorkspaceRecord], threads: Sequence[ThreadSummary]) -> list[dict[str, Any]]:
    """The sessions, as `listing.objects` has them, each with its `workspace`: id, name, repository; null: none."""
    by_id = {thread.id: thread for thread in threads}
    made = listing.objects(threads)
    for entry in made:
        record = workspace_of(by_id[entry["id"]], records)
        entry["workspace"] = (
            {"id": record.id, "name": record.name, "repository": str(record.repository)} if record else None
        )
    return made


# What a removal would lose


def would_lose(losses: Losses) -> bool:
    """Whether anything goes that a salvage or `.context`, which is kept, does not make good at no effort."""
    return bool(losses.lost) or any(folder.path.rstrip("/") != CONTEXT for folder in losses.ignored)


def losses_text(losses: Losses) -> str:
    """Everything, a line each; what a restore brings back is told apart from what it does not."""
    kept = [item for item in losses.lost if item.is_salvaged]
    gone = losses.not_salvaged
    stays = [item for item in losses.items if item.stays]
    ignored = [folder for folder in losses.ignored if folder.path.rstrip("/") != CONTEXT]
    blocks = [
        ("Gone for good:", [_loss(item) for item in gone]),
        (
            "Ignored by git, gone for good:",
            [f"{visible_line(f.path)}  {_count(f.files)}, {size_text(f.size)}" for f in ignored],
        ),
        ("Removed, and kept for a restore:", [_loss(item) for item in kept]),
        ("Stays in the repository:", [_loss(item) for item in stays]),
    ]
    text = "\n".join("\n".join([title, *(f"  {line}" for line in lines)]) for title, lines in blocks if lines)
    return text or "Nothing would be lost."


def losses_object(losses: Losses) -> dict[str, Any]:
    """The same for scripts; keys are never taken away, only added to.

    `fingerprint`, `would_lose`, `items` (`kind`, `path`, `detail`, `size` in bytes, `is_salvaged`, `stays`), `ignored`
    (`path`, `files`, `size` in bytes).
    """
    return {
        "fingerprint": losses.fingerprint,
        "would_lose": would_lose(losses),
        "items": [
            {
                "kind": item.kind.value,
                "path": item.path,
                "detail": item.detail,
                "size": item.size,
                "is_salvaged": item.is_salvaged,
                "stays": item.stays,
            }
            for item in losses.items
        ],
        "ignored": [{"path": f.path, "files": f.files, "size": f.size} for f in losses.ignored],
    }


def _loss(item: Loss) -> str:
    detail = f"  {visible_line(item.detail)}" if item.detail else ""
    size = f"  {size_text(item.size)}" if item.size else ""
    return f"{item.kind.value}: {visible_line(item.path)}{detail}{size}"


def _count(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"
