from __future__ import annotations

import codecs
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from msgspec.structs import replace

from conductor_tui.settings.codex_config import CodexConfig
from conductor_tui.settings.toml_file import Edit, KeyConflict, change_file
from conductor_tui.settings.toml_read import TomlFileError
from tests.unit.settings.random_edits import CONFIG

ROUNDS = 60
CHILD = """
import sys
from pathlib import Path
from conductor_tui.settings.toml_file import Edit, change_file
path = Path(sys.argv[1])
for number in range(int(sys.argv[2])):
    change_file(path, [Edit(("theirs", f"key_{number}"), number), Edit(("tui", "theme"), f"theme {number}")])
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text("# mine\na = 1 # one\n")
    return path


def test_another_process_that_edits_at_the_same_time_loses_nothing_and_costs_nothing(file: Path) -> None:
    file.write_text(CONFIG)
    other = subprocess.Popen([sys.executable, "-c", CHILD, str(file), str(ROUNDS)])
    for number in range(ROUNDS):
        change_file(file, [Edit(("ours", f"key_{number}"), number), Edit(("model",), f"model {number}")])
    assert other.wait(60) == 0
    text = file.read_text()
    data = tomllib.loads(text)
    wanted = {f"key_{n}": n for n in range(ROUNDS)}
    assert (data["ours"], data["theirs"]) == (wanted, wanted)
    assert (data["model"], data["tui"]["theme"]) == (f"model {ROUNDS - 1}", f"theme {ROUNDS - 1}")
    kept = [line for line in CONFIG.splitlines() if "model = " not in line and "theme = " not in line]
    lines = iter(text.splitlines())
    assert all(line in lines for line in kept), "a line is gone or stands elsewhere"
    assert "# what the team agreed on" in text
    assert [p.name for p in file.parent.iterdir()] == ["config.toml"]


def test_a_program_without_the_lock_is_not_overwritten(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It writes while our text is on its way to the disk: the change is made again, on what it wrote."""
    fsync = os.fsync

    def slip_in(handle: int) -> None:
        monkeypatch.setattr(os, "fsync", fsync)
        file.write_text(file.read_text() + "b = 2\n")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", slip_in)
    change_file(file, [Edit(("a",), 3)])
    assert file.read_text() == "# mine\na = 3 # one\nb = 2\n"


def test_the_same_key_changed_by_somebody_else_is_a_conflict_with_both_values(file: Path) -> None:
    with pytest.raises(KeyConflict) as caught:
        change_file(file, [Edit(("b",), 9, None), Edit(("a",), 3, seen=2)])
    assert (caught.value.key, caught.value.theirs, caught.value.ours) == (("a",), 1, 3)
    assert file.read_text() == "# mine\na = 1 # one\n", "nothing is written where one of several edits cannot be"
    change_file(file, [Edit(("a",), 1, seen=2)])  # both want the same


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640])
def test_the_mode_stays(file: Path, mode: int) -> None:
    file.chmod(mode)
    change_file(file, [Edit(("a",), 3)])
    assert file.stat().st_mode & 0o777 == mode


def test_a_new_file_and_its_folders_are_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "one" / "two" / "config.toml"
    change_file(path, [Edit(("ui", "theme"), "nord")])
    assert path.read_text() == '[ui]\ntheme = "nord"\n'
    assert [p.stat().st_mode & 0o777 for p in (path, path.parent, path.parent.parent)] == [0o600, 0o700, 0o700]


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "dotfiles" / "link.toml"
    link.parent.mkdir()
    link.symlink_to(os.path.relpath(file, link.parent))
    change_file(link, [Edit(("a",), 3)])
    assert link.is_symlink()
    assert file.read_text() == "# mine\na = 3 # one\n"
    dangling = tmp_path / "dangling.toml"
    dangling.symlink_to(tmp_path / "later" / "real.toml")
    change_file(dangling, [Edit(("a",), 3)])
    assert dangling.is_symlink()
    assert (tmp_path / "later" / "real.toml").read_text() == "a = 3\n"


@pytest.mark.parametrize(
    ("raw", "place"), [(b"a = 1\nb = = 2\n", "line 2, column 5"), (b"a = '\xff'\n", "line 1, column 6")]
)
def test_a_broken_file_is_never_overwritten(file: Path, raw: bytes, place: str) -> None:
    file.write_bytes(raw)
    with pytest.raises(TomlFileError) as caught:
        change_file(file, [Edit(("a",), 3)])
    assert f"{file}, {place}" in caught.value.trouble.cause
    assert file.read_bytes() == raw
    assert list(file.parent.iterdir()) == [file]


def test_a_protected_file_stays_although_its_folder_could_take_another(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everything
    with pytest.raises(TomlFileError, match="protected"):
        change_file(file, [Edit(("a",), 3)])
    assert file.read_text() == "# mine\na = 1 # one\n"


def test_a_folder_in_the_files_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(TomlFileError, match="Could not write"):
        change_file(tmp_path, [Edit(("a",), 3)])


def test_a_change_to_what_is_there_already_writes_nothing(file: Path) -> None:
    before = file.stat()
    change_file(file, [Edit(("a",), 1), Edit(("none",), None)])
    assert file.stat().st_ino == before.st_ino
    missing = file.with_name("missing.toml")
    change_file(missing, [Edit(("none",), None)])
    assert not missing.exists()


def test_a_held_lock_is_said_after_a_while(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    monkeypatch.setattr("conductor_tui.settings.toml_file.LOCK_SECONDS", 0.05)
    handle = os.open(file.parent, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(TomlFileError, match="Another program"):
        change_file(file, [Edit(("a",), 3)])
    os.close(handle)
    change_file(file, [Edit(("a",), 3)])


def test_codex_config_without_a_server(tmp_path: Path) -> None:
    config = CodexConfig(tmp_path)
    config.path.write_text(CONFIG)
    config.path.chmod(0o600)
    before = config.read_defaults()
    assert (before.model, before.effort, before.service_tier) == ("gpt-5.5", "medium", "default")
    config.write_defaults(before, replace(before, model="gpt-6-sol", effort="high", service_tier=None))
    text = config.path.read_text()
    assert 'model = "gpt-6-sol"                     # what the team agreed on' in text
    assert "model_reasoning_effort = 'high'     # low for the small jobs" in text
    assert "service_tier" not in text
    assert config.trust(Path("/home/ada/src/docs site")) == "trusted"
    config.set_trust(Path("/home/ada/src/new one"), "untrusted")
    assert config.trust(Path("/home/ada/src/new one")) == "untrusted"
    config.write("tui.notifications", False, seen=True)
    assert config.read("tui.notifications") is False
    with pytest.raises(KeyConflict):
        config.write_defaults(before, replace(before, model="mine"))
    assert config.read("mcp_servers.docs.env") == {"LOG": "warn", "HTTP_PROXY": "http://proxy.invalid:3128"}


def test_a_byte_order_mark_is_read_over_and_kept(file: Path) -> None:
    file.write_bytes(codecs.BOM_UTF8 + b"a = 1\r\n")
    change_file(file, [Edit(("a",), 2)])
    assert file.read_bytes() == codecs.BOM_UTF8 + b"a = 2\r\n"
