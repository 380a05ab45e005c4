"""What the removal of a workspace would lose, in words: every path, what is kept, what is gone for good."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from conductor_tui.domain.sizes import size_text
from conductor_tui.domain.text import from_home, visible_line
from conductor_tui.domain.workspaces import WorkspaceRecord, display_name
from conductor_tui.domain.worktrees import Loss, Losses, LossKind

_ORDER = (
    LossKind.UNKNOWN, LossKind.LOCKED, LossKind.OPERATION, LossKind.CONFLICTED, LossKind.COMMIT, LossKind.STASH,
    LossKind.STAGED, LossKind.MODIFIED, LossKind.DELETED, LossKind.RENAMED, LossKind.UNTRACKED, LossKind.SUBMODULE,
    LossKind.NESTED,
)  # fmt: skip
_CONTEXT = ".context"
"""Ignored, and kept all the same."""


def sheet(record: WorkspaceRecord, losses: Losses, busy: int, home: str, *, branch_goes: bool) -> Content:
    """The whole list. `busy`: sessions in it that work or wait; `branch_goes`: its branch is deleted, too."""
    lines = [
        Content.styled(f"{visible_line(display_name(record))} in {from_home(visible_line(str(record.path)), home)}", "")
    ]
    if busy:
        many = "s work" if busy > 1 else " works"
        lines.append(
            Content.styled(f"! {busy} session{many} or waits there: its turn will fail.", "bold $text-warning")
        )
    if branch_goes:
        note = f"Its branch {visible_line(record.made_branch)} is deleted, as the repository's settings say."
        lines.append(Content.styled(note, "$text-warning"))
    lines.append(Content(""))
    if losses.is_clean:
        lines.append(
            Content.styled("Nothing would be lost: all is committed, and other branches have it.", "$text-success")
        )
    else:
        lines += _group("Gone for good", losses.not_salvaged, "bold $text-error")
        kept = [loss for loss in losses.lost if loss.is_salvaged]
        lines += _group("Kept in git, and brought back by “Restore workspace”", kept, "bold $text-success")
    lines += _group("Stays in the repository", [loss for loss in losses.items if loss.stays], "bold")
    ignored = [folder for folder in losses.ignored if folder.path.rstrip("/") != _CONTEXT]
    if ignored:
        lines.append(Content.styled("Ignored files, which are not kept", "bold $text-warning"))
        for folder in ignored:
            files = f"{folder.files} file{'s' if folder.files != 1 else ''}"
            lines.append(Content(f"  {visible_line(folder.path)}  {files}, {size_text(folder.size)}"))
    lines.append(Content.styled("The chats stay with Codex, and .context is kept.", "$text-muted"))
    return Content("\n").join(lines)


def _group(title: str, losses: Sequence[Loss], style: str) -> list[Content]:
    if not losses:
        return []
    lines = [Content.styled(f"{title} ({len(losses)})", style)]
    for loss in sorted(losses, key=lambda item: _ORDER.index(item.kind)):
        detail = f"  {visible_line(loss.detail)}" if loss.detail else ""
        what = visible_line(loss.path[:12] if loss.kind is LossKind.COMMIT else loss.path)
        lines.append(Content.assemble((f"  {loss.kind.value:<12} ", "$text-muted"), what, (detail, "$text-muted")))
    return [*lines, Content("")]
