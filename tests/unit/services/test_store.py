from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import msgspec

from conductor_tui.domain.approvals import Decided
from conductor_tui.domain.controls import SandboxKind, SandboxPolicy, SettingsUpdate
from conductor_tui.domain.plans import StepComment
from conductor_tui.storage.database import MIGRATIONS, Store
from conductor_tui.storage.plans import PlanStore

ROOT = Path("/repo")


def test_drafts_outlive_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite3")
    store.keep_draft("a", "one\ntwo 漢")
    store.keep_draft("b", "x")
    store.keep_draft("b", "")
    store.close()
    again = Store(tmp_path / "s.sqlite3")
    assert (again.draft("a"), again.draft("b")) == ("one\ntwo 漢", "")
    again.close()


def test_the_file_is_the_users_only(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "s.sqlite3")
    store.keep_draft("a", "x")
    store.close()
    assert stat.S_IMODE((tmp_path / "deep" / "s.sqlite3").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o700


def test_a_broken_file_is_set_aside_and_said(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    path.write_bytes(b"this is no database" * 100)
    store = Store(path)
    assert "could not be read" in store.trouble
    assert (tmp_path / "s.broken").exists()
    store.keep_draft("a", "x")
    store.close()


def test_without_a_place_to_write_it_works_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "s.sqlite3")
    assert "cannot be saved" in store.trouble
    store.keep_draft("a", "x")
    store.close()


def test_prompts_are_kept_per_repository_and_bounded(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite3")
    for number in range(230):
        store.keep_prompt(ROOT, f"p{number}")
    store.keep_prompt(Path("/other"), "elsewhere")
    store._writer.submit(lambda: None).result()
    prompts = store.prompts(ROOT)
    assert (len(prompts), prompts[0], prompts[-1]) == (200, "p30", "p229")
    store.close()


def test_odd_paths_are_no_problem(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite3")
    odd = Path("/repo/\udcff 'x' \n")
    store.keep_last_session(odd, "t")
    store._writer.submit(lambda: None).result()
    assert store.last_session(odd) == "t"
    store.close()


def test_the_permissions_before_plan_mode_are_remembered(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite3")
    policy = SandboxPolicy(SandboxKind.WORKSPACE_WRITE, True, ("/a",), True, False)
    permissions = SettingsUpdate(approval_policy="on-request", sandbox=policy, permission_profile="mine")
    store.keep_before_plan("t", permissions)
    store._writer.submit(lambda: None).result()
    assert store.before_plan("t") == permissions
    assert store.before_plan("unknown") is None
    store.keep_before_plan("t", None)
    store._writer.submit(lambda: None).result()
    assert store.before_plan("t") is None
    store.close()


def test_what_is_unread_and_what_was_decided_outlive_the_store(tmp_path: Path) -> None:
    decided = Decided(1000, "t", "run: pip install foo", "decline", "rather not")
    store = Store(tmp_path / "s.sqlite3")
    store.keep_unread("a", True)
    store.keep_unread("b", True)
    store.keep_unread("a", False)
    store.keep_decision(decided)
    store.close()
    again = Store(tmp_path / "s.sqlite3")
    assert again.unread() == {"b"}
    assert again.decisions() == [decided]
    again.close()


def test_an_older_file_is_brought_up_to_date_and_copied_aside_first(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    with sqlite3.connect(path) as db:
        db.executescript(MIGRATIONS[0])
        db.execute("PRAGMA user_version = 1")
        db.execute("INSERT INTO draft VALUES ('a', 'from before')")
    store = Store(path)
    assert (store.trouble, store.draft("a"), store.decisions()) == ("", "from before", [])
    store.close()
    (copy,) = tmp_path.glob("s.before-*")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite3.connect(copy) as db:
        assert db.execute("SELECT text FROM draft").fetchall() == [("from before",)]


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    store = Store(path)
    assert "newer conductor-tui" in store.trouble
    store.keep_draft("a", "x")
    store.close()
    assert path.read_bytes()[:100] == before[:100]
    assert not list(tmp_path.glob("*.broken"))


def test_two_windows_write_to_one_store(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "s.sqlite3"), Store(tmp_path / "s.sqlite3")
    for number in range(40):
        one.keep_draft(f"a{number}", "x")
        other.keep_draft(f"b{number}", "y")
    one.close()
    other.close()
    again = Store(tmp_path / "s.sqlite3")
    assert all(again.draft(f"a{n}") and again.draft(f"b{n}") for n in range(40))
    again.close()


def test_a_full_disk_is_said_and_so_is_its_end(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite3")
    said: list[str] = []
    store.on_trouble = said.append
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    store.keep_draft("a", "x" * 100_000)
    store._writer.submit(lambda: None).result()
    assert "full" in said[0]
    store._db.execute("PRAGMA max_page_count = 100000")
    store.keep_draft("a", "x" * 100_000)
    store.close()
    assert said[1:] == [""]


def test_comments_on_plans_and_settled_plans_outlive_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite3")
    plans = PlanStore(store)
    plans.keep_comment("t", "p", StepComment(2, "b", "why 漢?"))
    plans.keep_comment("t", "p", StepComment(0, "a", "first"))
    plans.keep_comment("t", "p", StepComment(0, "a", "changed"))
    plans.keep_comment("t", "p", StepComment(1, "c", "gone"))
    plans.keep_comment("t", "p", StepComment(1, "c", ""))
    plans.keep_comment("t", "other", StepComment(0, "a", "elsewhere"))
    plans.keep_settled("t", "p")
    plans.keep_settled("t", "p")
    store.close()
    again = Store(tmp_path / "s.sqlite3")
    assert PlanStore(again).comments("t", "p") == [StepComment(0, "a", "changed"), StepComment(2, "b", "why 漢?")]
    assert PlanStore(again).settled() == {("t", "p")}
    again.close()


def test_the_sandbox_before_plan_mode_of_an_older_file_is_still_known(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    version = next(n for n, script in enumerate(MIGRATIONS) if "DROP TABLE plan_sandbox" in script)
    policy = SandboxPolicy(SandboxKind.WORKSPACE_WRITE, writable_roots=("/a",))
    with sqlite3.connect(path) as db:
        for script in MIGRATIONS[:version]:
            db.executescript(script)
        db.execute(f"PRAGMA user_version = {version}")
        db.execute("INSERT INTO plan_sandbox VALUES ('t', ?)", (msgspec.json.encode(policy).decode(),))
    store = Store(path)
    assert store.before_plan("t") == SettingsUpdate(sandbox=policy)
    store.close()
