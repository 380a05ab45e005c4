"""Workspaces with real git: made, adopted, archived, restored, in two windows at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from conductor_tui.domain.errors import RepositoryError, WorkspaceError
from conductor_tui.domain.scripts import ScriptKind
from conductor_tui.domain.workspaces import WorkspaceRecord, WorkspaceState
from conductor_tui.domain.worktrees import Changed, DetachedCommit, ExistingBranch, NewBranch
from conductor_tui.git import removal
from conductor_tui.git.tree_walk import NotDeleted, Tree, delete_files
from conductor_tui.services.scripts.runner import ScriptRun
from conductor_tui.services.scripts.trust import TrustAnswer, TrustQuestion
from conductor_tui.storage.workspaces import WorkspaceStore
from tests.builders import until
from tests.unit.git.worlds import World, git, on_disk, status
from tests.unit.services.workspace_world import Window, make_windows

Around = tuple[World, Window]


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Around]:
    world, window = await make_windows(tmp_path)
    yield world, window
    window.close()


@pytest.fixture
async def other(around: Around, tmp_path: Path) -> AsyncIterator[Window]:
    window = Window(tmp_path, around[0].root)
    await window.open()
    yield window
    window.close()


def branch_of(path: Path) -> str:
    return git(path, "branch", "--show-current")


async def test_a_repository_has_its_local_checkout_and_says_what_can_be_adopted(around: Around) -> None:
    world, window = around
    git(world.root, "worktree", "add", "-q", "-b", "theirs", str(world.places / "theirs"))
    await window.workspaces.refresh()
    (local,) = window.workspaces.records
    assert (local.name, local.path, local.is_local, local.branch) == ("local", world.root, True, "main")
    (adoptable,) = window.workspaces.adoptable[world.root]
    adopted = await window.workspaces.adopt(adoptable.path)
    assert (adopted.name, adopted.branch, adopted.made_by_us, adopted.made_branch) == ("theirs", "theirs", False, "")
    await window.workspaces.refresh()
    assert not window.workspaces.adoptable[world.root]
    with pytest.raises(WorkspaceError, match="workspace already"):
        await window.workspaces.adopt(adoptable.path)
    with pytest.raises(WorkspaceError, match="no worktree"):
        await window.workspaces.adopt(world.root)


async def test_a_folder_of_a_repository_lists_it_once(around: Around) -> None:
    world, window = around
    again = await window.workspaces.add_repository(world.root / "sub")
    assert again.root == world.root
    assert len(window.workspaces.repositories) == 1
    with pytest.raises(RepositoryError):
        await window.workspaces.add_repository(world.places)


async def test_a_new_workspace_is_whole(around: Around, tmp_path: Path) -> None:
    world, window = around
    record = await window.create(prompt="Fix the login, please!")
    assert record.state is WorkspaceState.READY
    assert record.path == tmp_path / "made here" / world.root.name / record.name
    assert (record.branch, record.base, record.made_branch) == (
        "fix-the-login-please",
        "origin/main",
        "fix-the-login-please",
    )
    assert branch_of(record.path) == record.branch
    assert (record.path / ".env").read_text() == "SECRET=1\n"
    assert (record.path / ".context" / "notes.md").exists()
    assert record.port >= 55_000
    assert not record.trouble
    assert not status(record.path)
    steps = ["Looking for a free name", "Fetching the newest commits", "Making the worktree", "Copying files"]
    assert [line for line in window.said if line in steps] == steps
    variables, _ = await window.workspaces.environment(record)
    assert variables.values["CONDUCTOR_WORKSPACE_NAME"] == record.name
    assert variables.values["CONDUCTOR_PORT"] == str(record.port)


async def test_names_branches_and_ports_are_never_given_twice(around: Around, other: Window) -> None:
    _, window = around
    records = await asyncio.gather(*(w.create(prompt="same") for w in (window, other) for _ in range(3)))
    for of in ("name", "branch", "port", "path", "id"):
        assert len({getattr(r, of) for r in records}) == 6, of


async def test_it_begins_where_it_is_told_to(around: Around) -> None:
    world, window = around
    first = git(world.root, "rev-list", "--max-parents=0", "HEAD")
    git(world.root, "branch", "old", first)
    one = await window.workspaces.create(world.root, ExistingBranch("old"))
    assert (one.branch, one.made_branch) == ("old", "")
    two = await window.workspaces.create(world.root, DetachedCommit(first))
    assert (two.branch, two.base) == ("", first)
    three = await window.workspaces.create(world.root, NewBranch("mine", first), name="oslo")
    assert (three.branch, three.name, git(three.path, "rev-parse", "HEAD")) == ("mine", "oslo", first)
    with pytest.raises(RepositoryError, match="in use"):
        await window.workspaces.create(world.root, ExistingBranch("old"))
    with pytest.raises(WorkspaceError, match="exists"):
        await window.create("Oslo")
    with pytest.raises(WorkspaceError, match="Not a name"):
        await window.create("../x")
    assert {r.name for r in window.workspaces.records} == {"local", one.name, two.name, "oslo"}


async def test_it_is_made_without_a_remote_that_answers(around: Around) -> None:
    world, window = around
    git(world.root, "remote", "set-url", "origin", "/nowhere")
    record = await window.create()
    assert record.state is WorkspaceState.READY
    assert record.trouble.startswith("Begun without fetching.")


async def test_a_bare_repository_has_workspaces_and_no_local_one(around: Around) -> None:
    world, window = around
    bare = await window.workspaces.add_repository(world.remote)
    assert bare.name == "remote"
    record = await window.workspaces.create(bare.root, NewBranch(""), name="lima")
    assert (record.state, (record.path / "a.txt").exists()) == (WorkspaceState.READY, True)
    assert [r.name for r in window.workspaces.records if r.repository == bare.root] == ["lima"]
    archived = await window.archive(record)
    assert (await window.workspaces.restore(archived)).state is WorkspaceState.READY


async def test_what_is_made_while_the_list_is_read_is_in_it(around: Around) -> None:
    _, window = around
    reading = asyncio.create_task(_refreshing(window))
    record = await window.create()
    reading.cancel()
    await asyncio.wait([reading])
    assert window.workspaces.record(record.id) == record


async def _refreshing(window: Window) -> None:
    while True:
        await window.workspaces.refresh()


async def test_what_fails_leaves_nothing(around: Around) -> None:
    world, window = around
    with pytest.raises(RepositoryError, match="No such commit"):
        await window.create("quito", start="nowhere")
    assert window.named("quito") is None
    assert not (window.workspaces.tools.folder / world.root.name / "quito").exists()


async def test_a_copy_that_fails_leaves_a_workspace_with_a_note(around: Around) -> None:
    world, window = around
    (world.root / "c.txt").write_text("c")
    (world.root / ".worktreeinclude").write_text("c.txt\n")
    record = await window.create()
    assert "Not copied: c.txt" in record.trouble


async def test_cancelling_takes_back_at_every_step(around: Around) -> None:
    world, window = around
    before = git(world.root, "for-each-ref"), git(world.root, "worktree", "list")
    for step in range(1, 30):
        tasks: list[asyncio.Task[WorkspaceRecord]] = []
        said: list[str] = []

        def cancel(line: str, at: int = step, tasks: list = tasks, said: list = said) -> None:  # type: ignore[type-arg]
            said.append(line)
            if len(said) == at:
                tasks[0].cancel()

        made = window.workspaces.create(world.root, NewBranch(""), name="lima", on_progress=cancel)
        tasks.append(asyncio.create_task(made))
        await asyncio.wait(tasks)
        record = window.named("lima")
        if record is not None:
            assert record.state is WorkspaceState.READY
            break
        assert (git(world.root, "for-each-ref"), git(world.root, "worktree", "list")) == before
    assert step > 4


async def test_the_branch_is_named_after_the_first_prompt_once(around: Around) -> None:
    _, window = around
    record = await window.create("lima")
    assert record.branch == "lima"
    named = await window.workspaces.first_prompt(record, "Add a dark theme")
    assert named.branch == branch_of(record.path) == "add-a-dark-theme"
    assert (await window.workspaces.first_prompt(named, "Another thing")).branch == "add-a-dark-theme"
    pushed = await window.create("oslo")
    git(pushed.path, "push", "-q", "-u", "origin", "oslo")
    assert (await window.workspaces.first_prompt(pushed, "Something")).branch == "oslo"
    chosen = await window.create("bern", branch="mine")
    assert (await window.workspaces.first_prompt(chosen, "Something")).branch == "mine"


async def test_archive_and_restore_keep_files_index_and_context(around: Around) -> None:
    world, window = around
    record = await window.create("lima")
    (record.path / "a.txt").write_text("changed\n")
    (record.path / "new.txt").write_text("new\n")
    git(record.path, "add", "new.txt")
    (record.path / ".context" / "notes.md").write_text("remember\n")
    world.commit(record.path, "done.txt")
    (record.path / "a.txt").write_text("changed twice\n")
    before, looks = on_disk(record.path), status(record.path)
    archived = await window.archive(record)
    assert (archived.state, archived.port) == (WorkspaceState.ARCHIVED, 0)
    assert archived.salvage and archived.head
    assert not record.path.exists()
    restored = await window.workspaces.restore(archived)
    assert (restored.state, restored.branch, restored.made_branch) == (WorkspaceState.READY, "lima", "lima")
    assert restored.port
    assert (on_disk(restored.path), status(restored.path)) == (before, looks)


async def test_a_branch_goes_only_if_we_made_it_and_are_asked_to(around: Around) -> None:
    world, window = around
    git(world.root, "branch", "theirs")
    theirs = await window.workspaces.create(world.root, ExistingBranch("theirs"))
    ours, kept = await window.create("lima"), await window.create("oslo")
    await window.archive(theirs, delete_branch=True)
    await window.archive(ours, delete_branch=True)
    await window.archive(kept)
    left = git(world.root, "branch", "--format=%(refname:short)").split()
    assert {"theirs", "oslo"} < set(left)
    assert "lima" not in left


async def test_a_branch_that_the_user_made_in_a_workspace_stays_and_ours_goes(around: Around) -> None:
    world, window = around
    record = await window.create("lima")
    git(record.path, "switch", "-qc", "users-feature")
    world.commit(record.path, "theirs.txt")
    await window.workspaces.refresh()
    record = window.named("lima") or record
    assert (record.branch, record.made_branch) == ("users-feature", "lima")
    await window.archive(record, delete_branch=True)
    left = set(git(world.root, "branch", "--format=%(refname:short)").split())
    assert left == {"main", "users-feature"}


async def test_our_branch_stays_as_long_as_it_alone_has_commits_that_are_not_checked_out(around: Around) -> None:
    world, window = around
    record = await window.create("lima")
    only_there = world.commit(record.path, "mine.txt")
    git(record.path, "switch", "-qc", "users-feature", "main")
    archived = await window.archive(record, delete_branch=True)  # the window has not noticed the switch
    assert git(world.root, "rev-parse", "lima") == only_there
    assert "commits of its own" in archived.trouble
    assert git(world.root, "rev-parse", "users-feature")


async def test_nothing_is_archived_that_was_not_seen(around: Around) -> None:
    _, window = around
    record = await window.create()
    losses = await window.workspaces.losses(record)
    (record.path / "late.txt").write_text("late\n")
    changed = await window.workspaces.archive(record, losses.fingerprint)
    assert isinstance(changed, Changed)
    assert "late.txt" in [item.path for item in changed.losses.items]
    assert (record.path / "late.txt").exists()
    assert (window.workspaces.record(record.id) or record).state is WorkspaceState.READY
    with pytest.raises(WorkspaceError, match="never archived"):
        await window.workspaces.losses(window.workspaces.records[0])


async def test_the_archive_script_runs_first_and_can_stop_it(around: Around, tmp_path: Path) -> None:
    world, window = around
    record = await window.create("lima")
    text = f'[scripts]\narchive = "echo ran >> {tmp_path}/ran; exit $(cat {tmp_path}/code)"\n'
    (record.path / ".conductor" / "settings.toml").write_text(text)
    trust = window.workspaces.tools.runner(world.root).trust
    asked: list[str] = []

    async def stop(why: str, run: ScriptRun | None) -> bool:
        asked.append(why)
        return False

    async def yes(question: TrustQuestion) -> TrustAnswer:
        assert question.script.kind is ScriptKind.ARCHIVE
        return TrustAnswer.TRUST

    losses = await window.workspaces.losses(record)
    with pytest.raises(WorkspaceError, match="was not allowed to run"):  # nobody to trust it
        await window.workspaces.archive(record, losses.fingerprint, ask=stop)
    trust.ask = yes
    (tmp_path / "code").write_text("3")
    with pytest.raises(WorkspaceError, match="failed: exit 3"):
        await window.workspaces.archive(record, losses.fingerprint, ask=stop)
    assert asked == ["The archive script was not allowed to run", "The archive script failed: exit 3"]
    assert (window.workspaces.record(record.id) or record).state is WorkspaceState.READY
    done = await window.workspaces.archive(record, losses.fingerprint)
    assert isinstance(done, WorkspaceRecord)
    assert done.trouble == "The archive script failed: exit 3"
    assert (tmp_path / "ran").read_text() == "ran\nran\n"


async def test_scripts_of_a_workspace_end_with_it(around: Around) -> None:
    world, window = around
    record, stays = await window.create(), await window.create()
    runner = window.workspaces.tools.runner(world.root)
    text = '[scripts.run.dev]\ncommand = "sleep 1000"\n'
    runs = []
    for at in (record, stays):
        (at.path / ".conductor" / "settings.toml").write_text(text)
        scripts, _ = window.workspaces.scripts.read(at)
        runner.trust.trust(scripts.scripts[0])
        runs.append(await runner.start(scripts.scripts[0], await window.workspaces.place(at)))
    await window.archive(record)
    assert [run.is_alive for run in runs if run] == [False, True]
    await runner.close()


async def test_setup_and_auto_run_have_the_workspaces_variables(around: Around) -> None:
    world, window = around
    record = await window.create("lima")
    (record.path / ".conductor" / "settings.toml").write_text(
        'environment_variable_files = [".env"]\n[environment_variables]\nA = "own"\nCONDUCTOR_PORT = "1"\n'
        '[scripts]\nsetup = "echo $CONDUCTOR_WORKSPACE_NAME $CONDUCTOR_PORT $A $SECRET > set-up"\n'
        'auto_run_after_setup = true\n[scripts.run.dev]\ncommand = "touch started; sleep 1000"\n'
    )
    assert await window.workspaces.set_up(record) is None  # nobody trusts it
    assert not (record.path / "set-up").exists()

    async def yes(question: TrustQuestion) -> TrustAnswer:
        return TrustAnswer.TRUST

    runner = window.workspaces.tools.runner(world.root)
    runner.trust.ask = yes
    run = await window.workspaces.set_up(record)
    assert run is not None and run.has_succeeded
    assert (record.path / "set-up").read_text() == f"lima {record.port} own 1\n"
    await until((record.path / "started").exists)
    await runner.close()


SHARED = 'environment_variable_files = [".env.shared"]\n[scripts]\nsetup = "true"\n'


async def test_a_branch_that_changes_a_tracked_environment_file_is_asked_about_again(around: Around) -> None:
    world, window = around
    world.commit(world.root, ".env.shared", "MODE=dev\n")
    world.commit(world.root, ".conductor/settings.toml", SHARED)
    asked: list[TrustQuestion] = []

    async def yes(question: TrustQuestion) -> TrustAnswer:
        asked.append(question)
        return TrustAnswer.TRUST

    runner = window.workspaces.tools.runner(world.root)
    runner.trust.ask = yes
    local = window.named("local")
    assert local is not None
    await window.workspaces.set_up(local)
    variables, _ = await window.workspaces.environment(local, asks=True)
    assert variables.values["MODE"] == "dev"
    assert [question.script.name for question in asked] == ["setup", "environment"]

    same = await window.create("oslo", start="main")
    await window.workspaces.set_up(same)
    await window.workspaces.environment(same, asks=True)
    assert len(asked) == 2  # nothing has changed there

    theirs = await window.create("lima", start="main")
    world.commit(theirs.path, ".env.shared", "MODE=dev\nBASH_ENV=./evil.sh\n")
    variables, (trouble,) = await window.workspaces.environment(theirs)
    assert not {"MODE", "BASH_ENV"} & set(variables.values)
    assert "do not have" in trouble.title
    await window.workspaces.set_up(theirs)
    await window.workspaces.environment(theirs, asks=True)
    assert [question.script.name for question in asked[2:]] == ["setup", "environment"]
    assert all("BASH_ENV" in " ".join(question.script.content.lines) for question in asked[2:])
    assert all(question.before is not None for question in asked[2:])
    await runner.close()


async def test_an_environment_file_of_the_users_own_changes_without_a_question(around: Around) -> None:
    world, window = around
    world.commit(world.root, ".conductor/settings.toml", SHARED.replace(".env.shared", ".env"))
    asked: list[TrustQuestion] = []

    async def yes(question: TrustQuestion) -> TrustAnswer:
        asked.append(question)
        return TrustAnswer.TRUST

    window.workspaces.tools.runner(world.root).trust.ask = yes
    local = window.named("local")
    assert local is not None
    for value in ("1", "2"):
        (world.root / ".env").write_text(f"SECRET={value}\n")
        variables, _ = await window.workspaces.environment(local, asks=True)
        assert variables.values["SECRET"] == value
    assert len(asked) == 1


async def test_what_was_archived_can_be_forgotten(around: Around) -> None:
    world, window = around
    one, two = await window.archive(await window.create()), await window.archive(await window.create())
    await window.workspaces.delete(one)
    assert await window.workspaces.kept(two)
    await window.workspaces.delete(two, drop_salvage=True)
    assert git(world.root, "for-each-ref", "--format=%(refname)").count(one.salvage) == 1
    assert two.salvage not in git(world.root, "for-each-ref", "--format=%(refname)")
    assert len(window.workspaces.records) == 1
    with pytest.raises(WorkspaceError, match="gone"):
        await window.workspaces.restore(one)


async def test_a_folder_that_is_gone_is_said_and_what_git_knows_is_kept(around: Around) -> None:
    import shutil

    world, window = around
    record = await window.create("lima")
    world.commit(record.path, "work.txt")
    shutil.rmtree(record.path)
    await window.workspaces.refresh()
    gone = window.named("lima")
    assert gone and gone.is_missing and not gone.is_usable
    archived = await window.archive(gone)
    restored = await window.workspaces.restore(archived)
    assert (restored.path / "work.txt").exists()


async def test_windows_see_each_others_changes(around: Around, other: Window) -> None:
    _, window = around
    await window.workspaces.look()
    assert not await window.workspaces.look()
    record = await other.create("lima")
    assert await window.workspaces.look()
    assert window.named("lima") == replace(record)
    await asyncio.gather(window.workspaces.rename(record, "Mine"), other.workspaces.pin(record, True))
    await asyncio.gather(window.workspaces.refresh(), other.workspaces.refresh())
    for seen in (window.named("lima"), other.named("lima")):
        assert seen and (seen.title, seen.is_pinned) == ("Mine", True)


async def test_two_windows_archive_once(around: Around, other: Window) -> None:
    _, window = around
    record = await window.create()
    done = await asyncio.gather(window.archive(record), other.archive(record), return_exceptions=True)
    assert sum(isinstance(d, WorkspaceRecord) for d in done) == 1
    assert sum(isinstance(d, WorkspaceError | RepositoryError) for d in done) == 1


async def test_the_repositorys_variables_are_set_once_they_are_trusted(around: Around) -> None:
    world, window = around
    record = await window.create()
    text = 'environment_variable_files = [".env"]\n[environment_variables]\nA = "1"\nCONDUCTOR_PORT = "1"\n'
    (record.path / ".conductor" / "settings.toml").write_text(text)
    variables, troubles = await window.workspaces.environment(record)
    assert "A" not in variables.values
    assert [t.title for t in troubles] == ["Sessions and terminals do not have this repository's variables"]

    async def yes(question: TrustQuestion) -> TrustAnswer:
        assert question.script.content.files == (".env",)
        return TrustAnswer.TRUST

    window.workspaces.tools.runner(world.root).trust.ask = yes
    variables, troubles = await window.workspaces.environment(record, asks=True)
    assert not troubles
    assert (variables.values["A"], variables.values["SECRET"]) == ("1", "1")
    assert variables.values["CONDUCTOR_PORT"] == str(record.port)
    assert (await window.workspaces.environment(record))[0] == variables


@pytest.mark.parametrize("name", ["-x", ".x", "_x", "a b", "a/b", "..", "Local", "x" * 65])
async def test_names_that_a_shell_or_git_would_misread_are_refused(around: Around, name: str) -> None:
    _, window = around
    with pytest.raises(WorkspaceError, match="Not a name for a workspace"):
        await window.create(name)
    assert window.named(name) is None


async def test_a_branch_that_somebody_makes_in_the_moment_of_the_claim_stays_theirs(
    around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, window = around
    branches, change = world.worktrees.branches, WorkspaceStore.change
    claimed: list[str] = []

    async def claim(store: WorkspaceStore, record: WorkspaceRecord, *fields: str, **options: object) -> bool:
        won = await change(store, record, *fields, **options)  # type: ignore[arg-type]
        if "made_branch" in fields and not claimed:
            claimed.append(record.branch)
            git(world.root, "branch", record.branch)
        return won

    monkeypatch.setattr(WorkspaceStore, "change", claim)
    record = await window.create("lima", prompt="Fix it")
    assert claimed == ["fix-it"]
    assert (record.state, record.branch, record.made_branch) == (WorkspaceState.READY, "fix-it-v2", "fix-it-v2")
    await window.archive(record, delete_branch=True)
    assert {"fix-it"} == {b.name for b in await branches() if not b.remote} - {"main"}


async def test_a_workspace_that_is_half_removed_is_not_ready_until_its_removal_has_ended(
    around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, window = around
    record = await window.create("lima")
    (record.path / "mine").write_text("x")
    before = on_disk(record.path)

    def delete_some(root: Path, tree: Tree) -> tuple[NotDeleted, ...]:
        (root / "a.txt").unlink()
        return (NotDeleted("sub", "busy"),)

    monkeypatch.setattr(removal, "delete_files", delete_some)
    with pytest.raises(RepositoryError, match="Not all"):
        await window.archive(record)
    half = window.named("lima")
    assert half is not None
    assert (half.state, half.is_usable) == (WorkspaceState.ARCHIVING, False)
    assert "archive it again" in half.trouble
    monkeypatch.setattr(removal, "delete_files", delete_files)
    archived = await window.archive(half)
    restored = await window.workspaces.restore(archived)
    assert on_disk(restored.path).items() >= before.items()
