"""Commands on workspaces and repositories, and the letters that run them in the tree."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

WORKSPACE_COMMANDS: tuple[Command, ...] = (
    Command(
        "attention.show",
        "Inbox",
        "Everything waiting, failed or finished in any workspace. Answer right here.",
        ("ctrl+d",),
        aliases="notifications waiting needs you",
        hint="inbox",
    ),
    Command(
        "workspace.new",
        "New workspace",
        "Create a worktree on a branch of its own, or adopt an existing worktree.",
        (),
        aliases="worktree branch create checkout pull request pr",
    ),
    Command(
        "workspace.open",
        "Switch workspace",
        "Open another workspace.",
        (),
        aliases="workspaces worktree branch",
    ),
    Command(
        "workspace.rename",
        "Rename workspace",
        "Change the name of this workspace; an empty name uses its branch.",
        (),
    ),
    Command(
        "workspace.pin",
        "Pin workspace",
        "Keep this workspace at the top of the tree; again to unpin it.",
        (),
    ),
    Command(
        "workspace.notes",
        "Edit notes",
        "Edit .context/notes.md of this workspace in $VISUAL or $EDITOR; agents can read it.",
        (),
        aliases="editor",
    ),
    Command(
        "workspace.todos",
        "Edit todos",
        "Edit .context/todos.md of this workspace in $VISUAL or $EDITOR; agents can read it.",
        (),
        aliases="editor tasks",
    ),
    Command(
        "workspace.archive",
        "Archive workspace",
        "Remove the worktree after listing what would be lost. Files are saved in git, sessions are kept.",
        (),
        aliases="remove delete worktree branch",
    ),
    Command(
        "workspace.restore",
        "Restore workspace",
        "Restore an archived workspace with its files and branch.",
        (),
        aliases="undo unarchive bring back",
    ),
    Command(
        "workspace.delete",
        "Delete archived workspace",
        "Remove an archived workspace from the list, with or without its saved files.",
        (),
        aliases="remove forget",
    ),
    Command(
        "repository.variables",
        "Repository variables",
        "Review the variables that this repository sets; choose whether sessions and terminals get them.",
        (),
        aliases="environment env trust",
    ),
    Command(
        "repository.add",
        "Add another repository",
        "Create workspaces in another repository, too.",
        (),
    ),
)
TREE_LETTERS = (
    *(
        Command(f"tree.{name}", title, text, (key,), Pane.TREE, action=f"workspace('{name}')", hint=hint)
        for key, name, title, text, hint in (
            ("n", "new", "New workspace", "Create a workspace.", "new"),
            ("a", "archive", "Archive workspace", "Archive the selected workspace.", "archive"),
            ("r", "rename", "Rename workspace", "Rename the selected workspace.", "rename"),
            ("p", "pin", "Pin workspace", "Keep the selected workspace at the top; again to unpin it.", ""),
            ("i", "trouble", "Last error", "Show details of the last error in the selected workspace.", ""),
        )
    ),
    Command(
        "tree.filter",
        "Filter",
        "Filter by name, branch, city or session; Esc clears the filter.",
        ("/",),
        Pane.TREE,
        action="filter",
        hint="filter",
    ),
)
