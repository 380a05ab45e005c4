"""Conductor's own files: layers, types, what is wrong with them, and what a user trusts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.repository_scripts import environment_script, repository_scripts
from conductor_tui.domain.repository_settings import (
    WITHOUT_EFFECT,
    BranchPrefixType,
    Layer,
    Prompts,
    RepositorySettings,
    RunMode,
    RunScript,
    SettingFile,
)
from conductor_tui.settings.conductor import SettingsSource, load_repository_settings, repository_settings
from conductor_tui.ui.help_command import FOLDER

SHARED = """\
"$schema" = "https://conductor.build/schemas/settings.repo.schema.json"

# Secrets that every workspace needs.
file_include_globs = \"\"\"
.env*
!.env.example
config/*.local.json
\"\"\"
environment_variable_files = [".env", ".env.local"]
spotlight_testing = false
enterprise_data_privacy = false
codex_provider = "default"

[scripts]
setup = "pnpm install --frozen-lockfile"
archive = \"\"\"
docker compose -p "$CONDUCTOR_WORKSPACE_NAME" down --volumes
rm -rf .cache
\"\"\"
run_mode = "nonconcurrent"
auto_run_after_setup = true

[scripts.run.dev]
command = "pnpm dev --port $CONDUCTOR_PORT"
default = true
icon = "globe"

[scripts.run.test]
command = "pnpm vitest"
args = ["--watch", "two words"]
icon = "test-tube"

[scripts.run.test.options]
cwd = "packages/api"

[scripts.run.preview]
command = "pnpm preview"
available_in = ["cloud"]

[scripts.run.seed]
command = "pnpm db:seed"
hide = true
available_in = ["local", "cloud"]

[git]
branch_prefix_type = "custom"
branch_prefix = "agent"
delete_branch_on_archive = true
archive_on_merge = true
worktree_push_auto_setup_remote = false

[prompts]
general = "Use pnpm, never npm."
code_review = "Look at migrations first."
create_pr = "Follow the template."
fix_errors = "Fix the cause."
resolve_merge_conflicts = "Keep both sides."
rename_branch = "Start with the ticket."

[environment_variables]
API_URL = "http://localhost:3000"
LOG_LEVEL = "info"

[environment_variables.local]
LOG_LEVEL = "debug"

[environment_variables.cloud]
LOG_LEVEL = "warn"
CLOUD_ONLY = "1"
"""


class Files:
    """A repository and a home folder with settings files."""

    def __init__(self, folder: Path) -> None:
        self.root, self.home = folder / "repo", folder / "home"
        self.paths = {
            Layer.MANAGED: self.home / ".conductor" / "settings.managed.toml",
            Layer.LOCAL: self.root / ".conductor" / "settings.local.toml",
            Layer.SHARED: self.root / ".conductor" / "settings.toml",
            Layer.USER: self.home / ".conductor" / "settings.toml",
            Layer.LEGACY: self.root / "conductor.json",
        }

    def write(self, layer: Layer, text: str) -> Path:
        path = self.paths[layer]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def load(self) -> tuple[RepositorySettings, list[Trouble]]:
        return load_repository_settings(self.root, self.home)

    def right(self) -> RepositorySettings:
        loaded, troubles = self.load()
        assert troubles == []
        return loaded


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def of(text: str, layer: Layer = Layer.SHARED) -> RepositorySettings:
    return repository_settings([SettingsSource(layer, Path(layer.value), text.encode())])[0]


def test_a_checked_in_file_is_read_as_conductor_reads_it(files: Files) -> None:
    path = files.write(Layer.SHARED, SHARED)
    found = files.right()
    scripts = found.scripts
    assert scripts.setup == "pnpm install --frozen-lockfile"
    assert scripts.archive.splitlines()[1] == "rm -rf .cache"
    assert (scripts.run_mode, scripts.auto_run_after_setup) == (RunMode.NONCONCURRENT, True)
    dev, test, preview, seed = scripts.runs
    assert dev == RunScript("dev", "pnpm dev --port $CONDUCTOR_PORT", is_default=True, icon="globe")
    assert (test.folder, test.shell_text) == ("packages/api", "pnpm vitest --watch 'two words'")
    assert (preview.is_local, preview.is_offered, preview.icon) == (False, False, "play")
    assert (seed.is_local, seed.is_offered) == (True, False)
    assert scripts.default_run is dev
    assert found.git.branch_prefix_type is BranchPrefixType.CUSTOM
    assert found.git.branch_prefix == "agent"
    assert (found.git.delete_branch_on_archive, found.git.archive_on_merge) == (True, True)
    assert not found.git.worktree_push_auto_setup_remote
    assert [getattr(found.prompts, name) for name in Prompts.__struct_fields__] == [
        "Use pnpm, never npm.", "Look at migrations first.", "Follow the template.", "Fix the cause.",
        "Keep both sides.", "Start with the ticket.",
    ]  # fmt: skip
    assert found.file_include_globs == ".env*\n!.env.example\nconfig/*.local.json\n"
    assert found.variables.values == {"API_URL": "http://localhost:3000", "LOG_LEVEL": "debug"}
    assert [file.path for file in found.environment_files] == [".env", ".env.local"]
    assert set(found.origins.values()) == {SettingFile(Layer.SHARED, path)}
    assert (
        found.origin("scripts.run.dev")
        == found.origin("environment_variables.API_URL")
        == SettingFile(Layer.SHARED, path)
    )


def test_without_files_all_is_default(files: Files) -> None:
    assert files.right() == RepositorySettings()


def test_the_highest_layer_wins_key_by_key(files: Files) -> None:
    for layer in (Layer.MANAGED, Layer.LOCAL, Layer.SHARED, Layer.USER):
        keys = "".join(
            f'{name} = "{layer.value}"\n'
            for name, above in (
                ("general", ()),
                ("code_review", (Layer.MANAGED,)),
                ("create_pr", (Layer.MANAGED, Layer.LOCAL)),
                ("fix_errors", (Layer.MANAGED, Layer.LOCAL, Layer.SHARED)),
            )
            if layer not in above
        )
        files.write(layer, f"[prompts]\n{keys}")
    found = files.right()
    prompts = found.prompts
    assert [prompts.general, prompts.code_review, prompts.create_pr, prompts.fix_errors] == [
        "managed", "local", "shared", "user",
    ]  # fmt: skip
    assert found.origin("prompts.create_pr") == SettingFile(Layer.SHARED, files.paths[Layer.SHARED])
    assert found.origin("prompts.rename_branch") is None


def test_a_local_file_can_switch_a_script_off(files: Files) -> None:
    files.write(Layer.SHARED, SHARED)
    files.write(Layer.LOCAL, '[scripts]\nsetup = ""\nrun_mode = "concurrent"\nauto_run_after_setup = false\n')
    scripts = files.right().scripts
    assert (scripts.setup, scripts.run_mode, scripts.auto_run_after_setup) == ("", RunMode.CONCURRENT, False)
    assert len(scripts.runs) == 4


def test_the_checked_in_files_may_be_those_of_a_workspace(files: Files, tmp_path: Path) -> None:
    files.write(Layer.SHARED, '[scripts]\nsetup = "main"\narchive = "main"\n')
    files.write(Layer.LOCAL, '[scripts]\narchive = "mine"\n')
    workspace = tmp_path / "oslo" / ".conductor"
    workspace.mkdir(parents=True)
    (workspace / "settings.toml").write_text('[scripts]\nsetup = "branch"\narchive = "branch"\n')
    found, _ = load_repository_settings(files.root, files.home, workspace.parent)
    assert (found.scripts.setup, found.scripts.archive) == ("branch", "mine")


def test_a_home_that_is_a_repository_has_no_shared_file(files: Files) -> None:
    files.write(Layer.USER, '[scripts]\nsetup = "mine"\n')
    found, _ = load_repository_settings(files.home, files.home)
    origin = found.origin("scripts.setup")
    assert origin is not None
    assert (origin.layer, origin.is_in_repository) == (Layer.USER, False)


LEGACY = {
    "scripts": {"setup": "npm ci", "run": "npm start", "archive": "make down", "remoteSetup": "x"},
    "runScriptMode": "nonconcurrent",
    "enterpriseDataPrivacy": True,
}


def test_the_legacy_file_is_read(files: Files) -> None:
    path = files.write(Layer.LEGACY, json.dumps(LEGACY))
    found = files.right()
    assert (found.scripts.setup, found.scripts.archive) == ("npm ci", "make down")
    assert found.scripts.runs == (RunScript("run", "npm start", is_default=True),)
    assert found.scripts.default_run == found.scripts.runs[0]
    assert found.scripts.run_mode is RunMode.NONCONCURRENT
    origin = found.origin("scripts.run.run")
    assert origin == SettingFile(Layer.LEGACY, path)
    assert origin.is_in_repository


@pytest.mark.parametrize("shared", ["", "[broken"])
def test_the_legacy_file_is_ignored_beside_a_shared_one(files: Files, shared: str) -> None:
    files.write(Layer.LEGACY, json.dumps(LEGACY))
    files.write(Layer.SHARED, shared)
    assert files.load()[0].scripts.setup == ""


def test_any_toml_outranks_the_legacy_file(files: Files) -> None:
    files.write(Layer.LEGACY, json.dumps(LEGACY))
    files.write(Layer.USER, '[scripts]\nsetup = "mine"\n')
    found = files.right()
    assert (found.scripts.setup, found.scripts.archive) == ("mine", "make down")


def test_a_local_file_amends_replaces_and_adds_run_scripts(files: Files) -> None:
    files.write(Layer.SHARED, SHARED)
    local = files.write(
        Layer.LOCAL,
        "[scripts.run.dev]\nhide = true\n"
        '[scripts.run.test]\ncommand = "pytest"\ndefault = true\n'
        '[scripts.run.mine]\ncommand = "htop"\n',
    )
    found = files.right()
    runs = {run.id: run for run in found.scripts.runs}
    assert list(runs) == ["dev", "test", "preview", "seed", "mine"]
    assert (runs["dev"].command, runs["dev"].is_hidden) == ("pnpm dev --port $CONDUCTOR_PORT", True)
    assert runs["test"] == RunScript("test", "pytest", is_default=True)
    assert not runs["dev"].is_default
    assert found.scripts.default_run is runs["test"]
    assert found.origin("scripts.run.test") == SettingFile(Layer.LOCAL, local)
    assert found.origin("scripts.run.dev") == SettingFile(Layer.SHARED, files.paths[Layer.SHARED])


def test_one_command_and_tables_do_not_mix(files: Files) -> None:
    files.write(Layer.SHARED, SHARED)
    files.write(Layer.LOCAL, '[scripts]\nrun = "mine"\n')
    assert [run.command for run in files.right().scripts.runs] == ["mine"]
    files.write(Layer.SHARED, '[scripts]\nrun = "theirs"\n')
    files.write(Layer.LOCAL, '[scripts.run.dev]\ncommand = "mine"\n')
    assert [run.command for run in files.right().scripts.runs] == ["mine"]


def test_several_scripts_without_a_default_leave_the_choice_to_the_user() -> None:
    one = of('[scripts.run.a]\ncommand = "a"\n')
    assert one.scripts.default_run == one.scripts.runs[0]
    two = of('[scripts.run.a]\ncommand = "a"\n[scripts.run.b]\ncommand = "b"\n')
    assert two.scripts.default_run is None


WRONG = [
    ("[scripts]\nsetup = 3\n", "scripts.setup must be text, not a number", "it counts as not set"),
    ('[scripts]\nsetup = ["a"]\n', "scripts.setup must be text, not a list", "it counts as not set"),
    ("scripts = 3\n", "scripts must be a table", "this file sets nothing there"),
    ('[scripts]\nrun_mode = "paralel"\n', "scripts.run_mode must be concurrent or nonconcurrent, not another", ""),
    (
        "[scripts]\nauto_run_after_setup = 1\n",
        "scripts.auto_run_after_setup must be true or false, not a number",
        "",
    ),
    ("[scripts]\nrun = 3\n", "scripts.run must be tables or text, not a number", "it is ignored"),
    ('[scripts.run]\ndev = "x"\n', "scripts.run.dev must be a table, not text", "it is ignored"),
    ('[scripts.run.dev]\nicon = "x"\n', "scripts.run.dev has no command", "it is ignored"),
    ('[scripts.run.dev]\ncommand = ""\n', "scripts.run.dev has no command", "it is ignored"),
    ('[scripts.run.dev]\ncommand = "x"\nargs = "y"\n', "scripts.run.dev.args must be a list of texts", "without arg"),
    (
        '[scripts.run.dev]\ncommand = "x"\noptions = 1\n',
        "scripts.run.dev.options must be a table",
        "workspace's folder",
    ),
    ('[scripts.run.dev]\ncommand = "x"\noptions.cwd = 1\n', "scripts.run.dev.options.cwd must be text", "workspace's"),
    (
        '[scripts.run.dev]\ncommand = "x"\ndefault = "y"\n',
        "scripts.run.dev.default must be true or false",
        "not the def",
    ),
    ('[git]\nbranch_prefix_type = "static"\n', "git.branch_prefix_type must be github_username or custom or none", ""),
    ("file_include_globs = 3\n", "file_include_globs must be text, or a list of texts, not a number", ""),
    ("[environment_variables]\nPORT = 3000\n", "environment_variables.PORT must be text, not a number", "ignored"),
    ('[environment_variables]\nbad-key = "x"\n', "environment_variables.bad-key is not a valid name", "ignored"),
    ('[environment_variables.local]\nA = "\\u0000"\n', "environment_variables.local.A must be text", "ignored"),
    ("[prompts]\ngeneral = 2026-01-01\n", "prompts.general must be text, not a date", "not set"),
]


@pytest.mark.parametrize(("text", "title", "instead"), WRONG)
def test_a_wrong_value_is_named_and_the_rest_applies(files: Files, text: str, title: str, instead: str) -> None:
    path = files.write(Layer.SHARED, text)
    files.write(Layer.LOCAL, '[prompts]\ncreate_pr = "rest"\n')
    found, (trouble,) = files.load()
    assert trouble.title.startswith(title)
    assert trouble.cause == str(path)
    assert instead in trouble.steps[0]
    assert found.prompts.create_pr == "rest"


def test_a_wrong_value_lets_a_lower_layer_through_and_says_so(files: Files) -> None:
    files.write(Layer.LOCAL, "[scripts]\nsetup = 3\n")
    shared = files.write(Layer.SHARED, '[scripts]\nsetup = "theirs"\n')
    found, (trouble,) = files.load()
    assert found.scripts.setup == "theirs"
    assert trouble.steps == (f"Fix it. Until then the value in {shared} applies.",)


@pytest.mark.parametrize("text", ["[scripts\n", "\udcff", "a = 1\na = 2\n", "x = " + "[" * 5000])
def test_a_broken_file_is_named_with_the_place(files: Files, text: str) -> None:
    path = files.paths[Layer.SHARED]
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    files.write(Layer.LOCAL, '[scripts]\nsetup = "mine"\n')
    found, (trouble,) = files.load()
    assert found.scripts.setup == "mine"
    assert str(path) in trouble.cause
    assert "nothing in it applies" in trouble.steps[0]


def test_a_broken_line_is_said(files: Files) -> None:
    files.write(Layer.SHARED, "[scripts]\nsetup =\n")
    (trouble,) = files.load()[1]
    assert "line 2" in trouble.cause


@pytest.mark.parametrize("text", ["[]", "3", "{", '{"scripts": 3}', '{"scripts": {"run": 3}}'])
def test_a_broken_legacy_file_is_named(files: Files, text: str) -> None:
    path = files.write(Layer.LEGACY, text)
    found, (trouble,) = files.load()
    assert found == RepositorySettings()
    assert str(path) in trouble.cause


def test_a_file_that_may_not_be_read_is_named(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.write(Layer.SHARED, SHARED)

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    found, (trouble,) = files.load()
    assert found == RepositorySettings()
    assert trouble.cause == f"{path}: Permission denied"


def test_two_defaults_in_one_file_are_said(files: Files) -> None:
    files.write(Layer.SHARED, "".join(f'[scripts.run.{i}]\ncommand = "x"\ndefault = true\n' for i in "ab"))
    found, (trouble,) = files.load()
    assert [run.is_default for run in found.scripts.runs] == [True, False]
    assert trouble.title == "Both scripts.run.a and scripts.run.b are the default"


def test_what_conductor_adds_later_is_no_trouble(files: Files) -> None:
    files.write(
        Layer.SHARED,
        'bedrock_region = "x"\nnew_key = 1\n[scripts]\nteardown = 3\n[models]\ndefault = "gpt"\n[cloud.vm]\nsize = 2\n'
        '[scripts.run.dev]\ncommand = "x"\nshiny = { a = 1 }\n',
    )
    assert [run.id for run in files.right().scripts.runs] == ["dev"]


def test_variables_of_higher_files_cover_those_only_for_this_machine_below(files: Files) -> None:
    files.write(Layer.SHARED, '[environment_variables]\nA = "1"\nB = "1"\n[environment_variables.local]\nA = "2"\n')
    files.write(Layer.LOCAL, '[environment_variables]\nA = "3"\n')
    files.write(Layer.USER, '[environment_variables]\nC = "user"\n')
    assert files.right().variables.values == {"A": "3", "B": "1"}


def test_values_of_variables_are_never_said(files: Files) -> None:
    files.write(Layer.LOCAL, '[environment_variables]\nTOKEN = "s3cret"\nX-Y = "s3cret"\nZ = ["s3cret"]\n')
    found, troubles = files.load()
    assert len(troubles) == 2
    assert "s3cret" not in repr((found, troubles))
    assert "TOKEN" in repr(found)


def test_what_has_no_effect_yet_is_named_where_it_asks_for_something_and_in_the_guide(files: Files) -> None:
    text = """
        spotlight_testing = true
        [prompts]
        general = "Answer in French."
        create_pr = ""
        [git]
        archive_on_merge = true
        worktree_push_auto_setup_remote = false
        delete_branch_on_archive = true
    """
    files.write(Layer.SHARED, text)
    found = files.right()
    assert found.without_effect == ("prompts.general", "git.archive_on_merge", "spotlight_testing")
    guide = (FOLDER / "settings.md").read_text(encoding="utf-8")
    assert all(f"`{key}`" in guide for key in WITHOUT_EFFECT)


def test_a_list_of_globs_is_read_like_lines() -> None:
    assert of('file_include_globs = [".env", "certs/"]\n').file_include_globs == ".env\ncerts/\n"
    assert of('file_include_globs = ""\n').file_include_globs == ""
    assert of("").file_include_globs is None


def scripts_digest(found: RepositorySettings) -> list[str]:
    """What is trusted, as it is compared."""
    scripts = [*repository_scripts(found).scripts, *filter(None, [environment_script(found)])]
    return sorted(script.content.digest for script in scripts)


def test_what_is_trusted_is_what_may_run_here() -> None:
    found = of(SHARED)
    scripts = repository_scripts(found).scripts
    assert [(s.name, s.cwd) for s in scripts] == [
        ("setup", ""),
        ("run dev", ""),
        ("run test", "packages/api"),
        ("run seed", ""),
        ("archive", ""),
    ]
    assert {script.origin for script in scripts} == {found.origins["scripts.setup"].path.name}
    assert all(script.variables and script.files for script in scripts)


SAME = [
    ("# Secrets that every workspace needs.\n", ""),
    ("\n\n", "\n\n\n"),
    ('icon = "globe"', 'icon = "flame"'),
    ("default = true\n", ""),
    ("run_mode", "# run_mode"),
    ('general = "Use pnpm, never npm."', 'general = "Use npm."'),
    ('"pnpm preview"', '"rm -rf /"'),
    ('CLOUD_ONLY = "1"', 'CLOUD_ONLY = "2"'),
    ('setup = "pnpm install --frozen-lockfile"', "setup = 'pnpm install --frozen-lockfile'"),
]
OTHER = [
    ("--frozen-lockfile", ""),
    ("rm -rf .cache", "rm -rf ."),
    ("pnpm dev", "pnpm evil"),
    ("--watch", "--eval"),
    ("packages/api", "packages/evil"),
    ("pnpm db:seed", "evil"),
    ("http://localhost:3000", "http://evil"),
    ('LOG_LEVEL = "debug"', 'BASH_ENV = "./evil"'),
    ('".env.local"', '".env.evil"'),
    ('available_in = ["cloud"]', 'available_in = ["local"]'),
]


@pytest.mark.parametrize(("old", "new"), SAME)
def test_the_digest_stays_when_nothing_that_runs_changed(old: str, new: str) -> None:
    assert old in SHARED
    assert scripts_digest(of(SHARED.replace(old, new))) == scripts_digest(of(SHARED))


@pytest.mark.parametrize(("old", "new"), OTHER)
def test_the_digest_changes_with_what_runs(old: str, new: str) -> None:
    assert old in SHARED
    assert scripts_digest(of(SHARED.replace(old, new))) != scripts_digest(of(SHARED))


def test_the_digest_does_not_depend_on_the_file_or_on_order() -> None:
    a, b = '[scripts.run.a]\ncommand = "x"\n', '[scripts.run.b]\ncommand = "y"\n'
    assert scripts_digest(of(a + b)) == scripts_digest(of(b + a, Layer.LOCAL))
    assert scripts_digest(of('[scripts]\nsetup = "x"\n')) == scripts_digest(
        of('{"scripts": {"setup": "x"}}', Layer.LEGACY)
    )


def test_moving_text_from_one_place_to_another_changes_the_digest() -> None:
    texts = [
        '[scripts]\nsetup = "x"\n',
        '[scripts]\narchive = "x"\n',
        '[scripts.run.x]\ncommand = "x"\n',
        '[environment_variables]\nx = "x"\n',
        'environment_variable_files = ["x"]\n',
    ]
    assert len({tuple(scripts_digest(of(text))) for text in texts}) == len(texts)
    assert scripts_digest(RepositorySettings()) == []
    assert scripts_digest(of('[git]\nbranch_prefix = "x"\n')) == []


KEYS = st.sampled_from(
    ["scripts", "setup", "run", "run_mode", "command", "args", "options", "cwd", "default", "available_in", "git",
     "branch_prefix", "environment_variables", "local", "prompts", "general", "runScriptMode", "file_include_globs"]
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=5), st.sampled_from([Layer.LEGACY, Layer.SHARED]))
def test_whatever_the_files_say_settings_come_out(data: dict[str, Any], layer: Layer) -> None:
    import tomli_w

    def without_none(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: without_none(v) for k, v in value.items() if v is not None}
        return [without_none(v) for v in value if v is not None] if isinstance(value, list) else value

    text = json.dumps(data) if layer is Layer.LEGACY else tomli_w.dumps(without_none(data))
    found, _ = repository_settings([SettingsSource(layer, Path("file"), text.encode())])
    assert all(scripts_digest(found))
    assert sum(run.is_default for run in found.scripts.runs) <= 1


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(list(Layer)))
def test_bytes_are_survived(data: bytes, layer: Layer) -> None:
    repository_settings([SettingsSource(layer, Path("file"), data)])
