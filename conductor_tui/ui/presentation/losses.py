"""What removing a workspace would lose: every path, what is saved, what is lost for good."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from conductor_tui.domain.sizes import size_text
from conductor_tui.domain.text import from_home, visible_line
from conductor_tui.domain.workspaces import WorkspaceRecord, display_name
from conductor_tui.domain.worktrees import IgnoredFolder, Loss, Losses, LossKind

_ORDER = (
    LossKind.UNKNOWN, LossKind.LOCKED, LossKind.OPERATION, LossKind.CONFLICTED, LossKind.COMMIT, LossKind.STASH,
    LossKind.STAGED, LossKind.MODIFIED, LossKind.DELETED, LossKind.RENAMED, LossKind.UNTRACKED, LossKind.SUBMODULE,
    LossKind.NESTED,
)  # fmt: skip
_CONTEXT = ".context"
"""Ignored by git, but always kept."""


def sheet(record: WorkspaceRecord, losses: Losses, busy: int, home: str, *, branch_goes: bool) -> Content:
    """The whole list. `busy`: sessions that work or wait there; `branch_goes`: its branch is deleted, too."""
    lines = [
        Content.styled(f"{visible_line(display_name(record))} in {from_home(visible_line(str(record.path)), home)}", "")
    ]
    if busy:
        many, whose = ("s are", "Their turns") if busy > 1 else (" is", "Its turn")
        note = f"! {busy} session{many} running or waiting there. {whose} will fail."
        lines.append(Content.styled(note, "bold $text-warning"))
    if branch_goes:
        note = f"Branch {visible_line(record.made_branch)} will be deleted (git.delete_branch_on_archive)."
        lines.append(Content.styled(note, "$text-warning"))
    lines.append(Content(""))
    if losses.is_clean:
        lines.append(Content.styled("Nothing to lose: everything is committed and on another branch.", "$text-success"))
    else:
        lines += _group("Gone for good", losses.not_salvaged, "bold $text-error")
        kept = [loss for loss in losses.lost if loss.is_salvaged]
        lines += _group("Saved, restorable", kept, "bold $text-success")
    lines += _group("Stays in the repository", [loss for loss in losses.items if loss.stays], "bold")
    ignored = [folder for folder in losses.ignored if folder.path.rstrip("/") != _CONTEXT]
    if ignored:
        files = ", ".join(f"{visible_line(folder.path)} ({_extent(folder)})" for folder in ignored)
        lines.append(Content.assemble(("Ignored files, deleted for good: ", "bold $text-warning"), files))
    lines.append(Content.styled("Sessions and .context/ are kept.", "$text-muted"))
    return Content("\n").join(lines)


def _extent(folder: IgnoredFolder) -> str:
    """`9 B`; of a folder with several files `12 files, 3.4M`."""
    return f"{folder.files} files, {size_text(folder.size)}" if folder.files != 1 else size_text(folder.size)


def _group(title: str, losses: Sequence[Loss], style: str) -> list[Content]:
    if not losses:
        return []
    lines = [Content.styled(f"{title} ({len(losses)})", style)]
    for loss in sorted(losses, key=lambda item: _ORDER.index(item.kind)):
        detail = f"  {visible_line(loss.detail)}" if loss.detail else ""
        what = visible_line(loss.path[:12] if loss.kind is LossKind.COMMIT else loss.path)
        lines.append(Content.assemble((f"  {loss.kind.value:<12} ", "$text-muted"), what, (detail, "$text-muted")))
    return [*lines, Content("")]
