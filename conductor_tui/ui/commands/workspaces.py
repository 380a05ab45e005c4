"""Commands on workspaces and repositories, and the letters that run them in the tree. Part of the one table."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

WORKSPACE_COMMANDS: tuple[Command, ...] = (
    Command(
        "attention.show",
        "What needs you",
        "All that waits, failed or finished, in every workspace; answer from the list.",
        ("ctrl+d",),
        aliases="inbox notifications waiting",
        hint="inbox",
    ),
    Command(
        "workspace.new",
        "New workspace",
        "A checkout and branch of its own for one stream of work, or one that is there already.",
        (),
        aliases="worktree branch create checkout pull request pr",
    ),
    Command(
        "workspace.open",
        "Workspaces",
        "Find and enter a workspace.",
        (),
        aliases="worktree switch branch",
    ),
    Command(
        "workspace.rename",
        "Rename workspace",
        "Give this workspace a name of yours.",
        (),
    ),
    Command(
        "workspace.pin",
        "Pin workspace",
        "Keep this workspace on top of the tree, or no longer.",
        (),
    ),
    Command(
        "workspace.notes",
        "Notes",
        "This workspace's notes, .context/notes.md, in your editor ($VISUAL or $EDITOR); agents can read them.",
        (),
        aliases="editor edit",
    ),
    Command(
        "workspace.todos",
        "Todos",
        "This workspace's todos, .context/todos.md, in your editor; agents can read them.",
        (),
        aliases="editor edit tasks",
    ),
    Command(
        "workspace.archive",
        "Archive workspace",
        "Lists what removing its folder would lose; keeps files in git and chats in Codex.",
        (),
        aliases="remove delete worktree branch",
    ),
    Command(
        "workspace.restore",
        "Restore workspace",
        "Bring an archived workspace back as it was.",
        (),
        aliases="undo unarchive bring back",
    ),
    Command(
        "workspace.delete",
        "Forget workspace",
        "Take an archived workspace off the list.",
        (),
        aliases="remove",
    ),
    Command(
        "repository.variables",
        "Repository variables",
        "Look at the variables that this repository sets; decide whether sessions and terminals have them.",
        (),
        aliases="environment env trust",
    ),
    Command(
        "repository.add",
        "Add repository",
        "Work in another repository, too.",
        (),
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
