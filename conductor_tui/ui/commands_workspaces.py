"""Commands on workspaces and repositories, and the letters that run them in the tree. Part of the one table."""

from __future__ import annotations

from conductor_tui.ui.actions import attention, context_folder, variables, workspace_endings, workspaces
from conductor_tui.ui.command import Command
from conductor_tui.ui.layout import Pane

WORKSPACE_COMMANDS: tuple[Command, ...] = (
    Command(
        "attention.show",
        "What needs you",
        "All that waits, failed or finished, in every workspace; answer from the list.",
        ("ctrl+d",),
        aliases="inbox notifications waiting",
        run=attention.show,
        hint="inbox",
    ),
    Command(
        "workspace.new",
        "New workspace",
        "A checkout and branch of its own for one stream of work, or one that is there already.",
        (),
        aliases="worktree branch create checkout pull request pr",
        run=workspaces.new,
        reason=workspaces.why_none,
    ),
    Command(
        "workspace.open",
        "Workspaces",
        "Find and enter a workspace.",
        (),
        aliases="worktree switch branch",
        run=workspaces.pick,
        reason=workspaces.why_none,
    ),
    Command(
        "workspace.rename",
        "Rename workspace",
        "Give this workspace a name of yours.",
        (),
        run=workspaces.rename,
        reason=workspaces.why_not_here,
    ),
    Command(
        "workspace.pin",
        "Pin workspace",
        "Keep this workspace on top of the tree, or no longer.",
        (),
        run=workspaces.pin,
        reason=workspaces.why_not_here,
    ),
    Command(
        "workspace.notes",
        "Notes",
        "This workspace's notes, .context/notes.md, in your editor ($VISUAL or $EDITOR); agents can read them.",
        (),
        aliases="editor edit",
        run=context_folder.notes,
        reason=context_folder.why_not,
    ),
    Command(
        "workspace.todos",
        "Todos",
        "This workspace's todos, .context/todos.md, in your editor; agents can read them.",
        (),
        aliases="editor edit tasks",
        run=context_folder.todos,
        reason=context_folder.why_not,
    ),
    Command(
        "workspace.archive",
        "Archive workspace",
        "Lists what removing its folder would lose; keeps files in git and chats in Codex.",
        (),
        aliases="remove delete worktree branch",
        run=workspace_endings.archive,
        reason=workspace_endings.why_not_archive,
    ),
    Command(
        "workspace.restore",
        "Restore workspace",
        "Bring an archived workspace back as it was.",
        (),
        aliases="undo unarchive bring back",
        run=workspace_endings.restore,
        reason=workspace_endings.why_none_archived,
    ),
    Command(
        "workspace.delete",
        "Forget workspace",
        "Take an archived workspace off the list.",
        (),
        aliases="remove",
        run=workspace_endings.delete,
        reason=workspace_endings.why_none_archived,
    ),
    Command(
        "repository.variables",
        "Repository variables",
        "Look at the variables that this repository sets; decide whether sessions and terminals have them.",
        (),
        aliases="environment env trust",
        run=variables.decide,
        reason=workspaces.why_not_here,
    ),
    Command(
        "repository.add",
        "Add repository",
        "Work in another repository, too.",
        (),
        run=workspaces.add_repository,
        reason=workspaces.why_none,
    ),
)
TREE_LETTERS = (
    *(
        Command(f"tree.{name}", title, text, (key,), Pane.TREE, action=f"workspace('{name}')", hint=hint)
        for key, name, title, text, hint in (
            ("n", "new", "New", "A new workspace.", "new"),
            ("a", "archive", "Archive", "Archive the workspace.", "archive"),
            ("r", "rename", "Rename", "Give the workspace a name.", "rename"),
            ("p", "pin", "Pin", "Keep the workspace on top.", ""),
            ("i", "trouble", "Read", "What the last step could not do.", ""),
        )
    ),
    Command(
        "tree.filter",
        "Filter",
        "Keep what matches by name, branch, city or session; esc clears.",
        ("/",),
        Pane.TREE,
        action="filter",
        hint="filter",
    ),
)
