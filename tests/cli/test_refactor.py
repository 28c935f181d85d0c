"""`refactor`: the real command against a fake endpoint over a real socket."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp.cli.main import main
from tests.support.answers import Answer, failure
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.fake_server import Received

CODE = """\
import os


def total(items):
    result = 0
    for item in items:
        result = result + item.price
    return result


def other():
    return 1
"""
LINES = "4-8"
OLD = "\n".join(CODE.split("\n")[3:8])
NEW = "def total(items):\n    return sum(item.price for item in items)"
BROKEN = "def total(items:\n    return sum(item.price for item in items)"
MODELS = {"mistral-medium-latest": False}
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def code(project: Path) -> Path:
    file = project / "a.py"
    file.write_text(CODE)
    return file


def replying(code: str | None = NEW, **further: Any) -> Answer:
    return Answer(text=(json.dumps({"code": code, "imports": [], **further}),))


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[FakeMistral], None]:
    def use(fake: FakeMistral) -> None:
        monkeypatch.setenv("DEVSTRAL_CHAT_BASE_URL", fake.url)
        monkeypatch.setenv("MISTRAL_API_KEY", KEY)

    return use


def against(
    script: Sequence[Answer] | Callable[[Received], Answer],
    use: Callable[[FakeMistral], None],
    *arguments: str,
    models: Mapping[str, bool] = MODELS,
) -> tuple[int, FakeMistral]:
    """The command's exit code, and the endpoint that it had to do with."""

    async def run() -> tuple[int, FakeMistral]:
        async with FakeMistral(script, models=models) as fake:
            use(fake)
            return await asyncio.to_thread(main, ["refactor", *arguments]), fake

    return asyncio.run(run())


Use = Callable[[FakeMistral], None]


# One file


def test_a_diff_is_printed_and_nothing_written(
    code: Path, use: Use, capsys: Captured, tmp_path: Path
) -> None:
    status, fake = against([replying()], use, f"a.py:{LINES}", "--action", "simplify")
    shown = capsys.readouterr()
    assert (status, shown.err) == (0, "")
    assert code.read_text() == CODE
    apply = ["git", "apply", "-"]
    subprocess.run(apply, input=shown.out, text=True, check=True, cwd=code.parent)
    assert code.read_text() == CODE.replace(OLD, NEW)
    assert OLD in fake.completions[0].body["messages"][1]["content"]


def test_words_of_ones_own_are_the_instruction(code: Path, use: Use, capsys: Captured) -> None:
    words = "Use the builtin for sums."
    status, fake = against([replying()], use, "a.py:5", "--instruction", words)
    assert status == 0
    assert words in fake.completions[0].body["messages"][1]["content"]
    assert "+    return sum(" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("models", "chosen"),
    [
        ({"codestral-latest": True, "mistral-large-latest": False}, "codestral-latest"),
        ({"mistral-large-latest": False}, "mistral-large-latest"),
    ],
)
def test_a_model_that_is_offered_is_asked_where_the_usual_one_is_not(
    code: Path, use: Use, capsys: Captured, models: Mapping[str, bool], chosen: str
) -> None:
    arguments = (f"a.py:{LINES}", "--action", "simplify")
    status, fake = against(lambda _: replying(), use, *arguments, models=models)
    shown = capsys.readouterr()
    assert (status, shown.err) == (0, "")
    assert [each.body["model"] for each in fake.completions] == ["mistral-medium-latest", chosen]


def test_the_users_own_choice_of_a_model_stands(
    code: Path, use: Use, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVSTRAL_CHAT_MODEL", "mistral-medium-latest")
    arguments = (f"a.py:{LINES}", "--action", "simplify")
    models = {"codestral-latest": True}
    status, fake = against(lambda _: replying(), use, *arguments, models=models)
    assert status != 0
    assert "mistral-medium-latest" in capsys.readouterr().err
    assert len(fake.completions) == 1


def test_what_is_written_keeps_its_bytes(code: Path, use: Use, capsys: Captured) -> None:
    code.write_bytes(b"\xef\xbb\xbf" + CODE.replace("\n", "\r\n").encode())
    code.chmod(0o640)
    arguments = (f"a.py:{LINES}", "--action", "simplify", "--write")
    status, _ = against([replying()], use, *arguments)
    shown = capsys.readouterr()
    assert (status, shown.out, shown.err) == (0, "", "a.py: changed\n")
    expected = CODE.replace(OLD, NEW).replace("\n", "\r\n").encode()
    assert code.read_bytes() == b"\xef\xbb\xbf" + expected
    assert code.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(("reply", "status"), [(NEW, 1), (OLD, 0)])
def test_a_check_ends_with_1_if_anything_would_change(
    code: Path, use: Use, capsys: Captured, reply: str, status: int
) -> None:
    arguments = (f"a.py:{LINES}", "--action", "simplify", "--check")
    assert against([replying(reply)], use, *arguments)[0] == status
    assert code.read_text() == CODE
    assert ("Nothing to change." in capsys.readouterr().err) is (status == 0)


def test_json_is_one_object(code: Path, use: Use, capsys: Captured) -> None:
    arguments = (f"a.py:{LINES}", "--action", "simplify", "--json")
    assert against([replying()], use, *arguments)[0] == 0
    told = json.loads(capsys.readouterr().out)
    (file,) = told["files"]
    assert (file["file"], file["is_new"], told["written"]) == ("a.py", False, False)
    assert file["diff"].startswith("--- a/a.py\n+++ b/a.py\n")
    (place,) = told["places"]
    assert (place["place"], place["action"], place["reason"]) == (f"a.py:{LINES}", "simplify", None)


def test_findings_are_told_by_line(code: Path, use: Use, capsys: Captured) -> None:
    remark = {"first_line": 2, "last_line": 2, "severity": "hint", "message": "Use sum."}
    reply = Answer(text=(json.dumps({"findings": [remark]}),))
    arguments = (f"a.py:{LINES}", "--action", "review", "--check")
    assert against([reply], use, *arguments)[0] == 1
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("a.py:5: hint: Use sum.\n", "")


def test_words_are_printed(code: Path, use: Use, capsys: Captured) -> None:
    reply = Answer(text=("# total\n\n", "It sums.\n"))
    assert against([reply], use, f"a.py:{LINES}", "--action", "explain")[0] == 0
    assert capsys.readouterr().out == "# total\n\nIt sums.\n"


TESTS = "from a import total\n\n\ndef test_total():\n    assert total([]) == 0\n"


@pytest.mark.parametrize("option", ["--json", "--write"])
def test_a_new_file_is_shown_or_made(
    code: Path, project: Path, use: Use, capsys: Captured, option: str
) -> None:
    (project / "tests").mkdir()
    reply = replying(None, files=[{"path": "tests/test_a.py", "code": TESTS}])
    arguments = (f"a.py:{LINES}", "--action", "generate_tests", option)
    assert against([reply], use, *arguments)[0] == 0
    shown = capsys.readouterr()
    if option == "--write":
        assert (project / "tests" / "test_a.py").read_text() == TESTS
        assert shown.err == "tests/test_a.py: created\n"
        return
    (file,) = json.loads(shown.out)["files"]
    assert (file["file"], file["is_new"]) == ("tests/test_a.py", True)
    assert file["diff"].startswith("--- /dev/null\n+++ b/tests/test_a.py\n@@ -0,0 +1,5 @@\n")
    assert list((project / "tests").iterdir()) == []


# Many files


def test_files_are_done_one_after_the_other_and_lines_hold(
    code: Path, project: Path, use: Use, capsys: Captured
) -> None:
    (project / "b.py").write_text(CODE)

    def script(request: Received) -> Answer:
        content = request.body["messages"][1]["content"]
        is_other = "def other" in content.partition("<code-")[2].partition("</code-")[0]
        return replying("def other():\n    return 1 * 1\n\n    return 2" if is_other else NEW)

    places = (f"a.py:{LINES}", "a.py:11-12", f"b.py:{LINES}")
    status, fake = against(script, use, *places, "--action", "simplify", "--write")
    assert (status, len(fake.completions)) == (0, 3)
    text = code.read_text()
    assert NEW in text
    assert "return 1 * 1" in text
    assert (project / "b.py").read_text() == CODE.replace(OLD, NEW)
    assert capsys.readouterr().err == "a.py: changed\nb.py: changed\n"


def test_one_that_fails_does_not_stop_the_others(
    code: Path, project: Path, use: Use, capsys: Captured
) -> None:
    (project / "b.py").write_text(CODE)
    script = [replying(BROKEN), replying(BROKEN), replying()]
    places = (f"a.py:{LINES}", f"b.py:{LINES}")
    status, _ = against(script, use, *places, "--action", "simplify", "--write")
    assert status == 2
    assert code.read_text() == CODE
    assert (project / "b.py").read_text() == CODE.replace(OLD, NEW)
    shown = capsys.readouterr().err
    assert f"a.py:{LINES}: " in shown
    assert "syntax errors" in shown


def test_a_key_that_is_refused_ends_it_and_tells_what_was_done(
    code: Path, project: Path, use: Use, capsys: Captured
) -> None:
    for name in ("b.py", "c.py"):
        (project / name).write_text(CODE)
    script = [replying(), failure(401, {"detail": "Unauthorized"}), replying()]
    places = (f"a.py:{LINES}", f"b.py:{LINES}", f"c.py:{LINES}")
    status, fake = against(script, use, *places, "--action", "simplify", "--write")
    assert (status, len(fake.completions)) == (2, 2)
    shown = capsys.readouterr()
    assert shown.err.startswith("a.py: changed\ndevstral-lsp refactor: ")
    assert KEY not in shown.err


@pytest.mark.parametrize(
    ("place", "action", "says"),
    [
        ("empty.py", "simplify", "empty.py: `simplify` does not apply"),
        ("a.py:5-6", "extract_function", "a.py:5-6: `extract_function` is disabled at"),
    ],
)
def test_a_place_where_there_is_nothing_to_do_is_no_failure_beside_others(
    code: Path, project: Path, use: Use, capsys: Captured, place: str, action: str, says: str
) -> None:
    (project / "empty.py").touch()
    assert against([], use, place, "--action", action)[0] == 2
    capsys.readouterr()
    status, fake = against([], use, place, "empty.py", "--action", action, "--check")
    assert (status, fake.completions) == (0, [])
    assert says in capsys.readouterr().err


def test_a_terminal_shows_how_far_it_is(
    code: Path, use: Use, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")
    arguments = (f"a.py:{LINES}", "--action", "simplify")
    assert against([replying()], use, *arguments)[0] == 0
    shown = capsys.readouterr()
    assert "1/1" in shown.err
    assert shown.out.startswith("--- a/a.py\n")


# Without asking anybody


def test_a_list_shows_what_applies(code: Path, capsys: Captured) -> None:
    assert main(["refactor", "a.py:5", "--list"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("a.py:5:\n")
    assert "  simplify " in shown.out
    assert shown.err == ""
    assert main(["refactor", "a.py:5", "--list", "--json"]) == 0
    assert "simplify" in {each["action"] for each in json.loads(capsys.readouterr().out)["actions"]}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((f"a.py:{LINES}", "--action", "simplify"), "MISTRAL_API_KEY"),
        (("a.py:99", "--list"), "the last line is 13"),
        (("a.py:5-4", "--list"), "counted from 1"),
        (("none.py", "--list"), "there is no file"),
        (("a.py", "--action", "simplify", "--write", "--check"), "give one of them"),
    ],
)
def test_what_cannot_be_done_is_told(
    code: Path, capsys: Captured, arguments: tuple[str, ...], says: str
) -> None:
    assert main(["refactor", *arguments]) == 2
    shown = capsys.readouterr()
    assert (shown.out, says in shown.err) == ("", True)


def test_an_action_that_there_is_not_is_told(code: Path, use: Use, capsys: Captured) -> None:
    status, fake = against([], use, "a.py:5", "--action", "simplifi")
    assert (status, fake.completions) == (2, [])
    assert "did you mean `simplify`?" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("a.py",), (), ("a.py", "--action", "x", "--list")])
def test_a_command_line_without_a_sense_is_refused(
    code: Path, capsys: Captured, arguments: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["refactor", *arguments])
    assert ended.value.code == 2


def test_an_action_of_ones_own_is_like_any_other(
    code: Path, project: Path, use: Use, capsys: Captured
) -> None:
    own = '[[refactor.actions]]\ntitle = "Tidy up"\nprompt = "Tidy {names}."\n'
    (project / ".devstral.toml").write_text(f"[refactor]\nenabled = false\n{own}")
    arguments = (f"a.py:{LINES}", "--action", "own_tidy_up")
    status, fake = against([replying()], use, *arguments)
    assert status == 0
    assert "Tidy total." in fake.completions[0].body["messages"][1]["content"]
    assert "sum(" in capsys.readouterr().out


# Files that run by themselves


WORKFLOW = {"path": ".github/workflows/x.yml", "code": "on: push\n"}
TESTS_FILE = {"path": "tests/test_a.py", "code": TESTS}
GENERATE = (f"a.py:{LINES}", "--action", "generate_tests")


def test_a_file_that_runs_by_itself_is_not_written_and_nothing_else_either(
    code: Path, project: Path, use: Use, capsys: Captured
) -> None:
    reply = replying(NEW, files=[TESTS_FILE, WORKFLOW])
    assert against([reply], use, *GENERATE, "--write")[0] == 2
    shown = capsys.readouterr().err
    assert "nothing was written" in shown
    assert ".github/workflows/x.yml: continuous integration runs it" in shown
    assert "--allow .github/workflows/x.yml" in shown
    assert sorted(each.name for each in project.iterdir()) == ["a.py", "pyproject.toml"]
    assert code.read_text() == CODE


@pytest.mark.parametrize("allowed", [".github/workflows/x.yml", "./.github/workflows/x.yml"])
def test_it_is_written_if_it_is_allowed_by_its_path(
    code: Path, project: Path, use: Use, capsys: Captured, allowed: str
) -> None:
    reply = replying(None, files=[TESTS_FILE, WORKFLOW])
    assert against([reply], use, *GENERATE, "--write", "--allow", allowed)[0] == 0
    assert (project / WORKFLOW["path"]).read_text() == WORKFLOW["code"]
    assert (project / "tests/test_a.py").read_text() == TESTS


@pytest.mark.parametrize("allowed", [".github", "x.yml", ".github/*", ".GITHUB/workflows/x.yml"])
def test_only_the_exact_path_allows_it(
    code: Path, project: Path, use: Use, capsys: Captured, allowed: str
) -> None:
    reply = replying(None, files=[WORKFLOW])
    assert against([reply], use, *GENERATE, "--write", "--allow", allowed)[0] == 2
    assert not (project / ".github").exists()


def test_a_diff_marks_it_and_can_still_be_applied(
    code: Path, project: Path, use: Use, capsys: Captured
) -> None:
    reply = replying(None, files=[WORKFLOW])
    assert against([reply], use, *GENERATE)[0] == 0
    shown = capsys.readouterr().out
    first, *_ = shown.split("\n")
    assert first.startswith("# .github/workflows/x.yml: continuous integration runs it; --write ")
    subprocess.run(["git", "apply", "-"], input=shown, text=True, check=True, cwd=project)
    (project / WORKFLOW["path"]).unlink()
    assert against([reply], use, *GENERATE, "--json")[0] == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert "continuous integration" in file["caution"]


@pytest.mark.parametrize(
    ("words", "path", "status"),
    [
        ("Move the sum to totals.py.", "totals.py", 0),
        ("Move the sum to ./lib/totals.py.", "lib/totals.py", 0),
        ("Move the sum to `totals.py`", "lib/totals.py", 0),
        ("Move the sum elsewhere.", "totals.py", 2),
        ("Move the sum to mytotals.py", "totals.py", 2),
        ("Move the sum to lib/totals.py", "evil/totals.py", 2),
        ("Add .github/workflows/x.yml", ".github/workflows/x.yml", 2),
    ],
)
def test_a_further_file_is_written_if_the_users_words_name_it(
    code: Path, project: Path, use: Use, capsys: Captured, words: str, path: str, status: int
) -> None:
    reply = replying(NEW, files=[{"path": path, "code": "x = 1\n"}])
    arguments = (f"a.py:{LINES}", "--instruction", words, "--write")
    assert against([reply], use, *arguments)[0] == status
    assert (project / path).exists() is (status == 0)
    assert (code.read_text() == CODE) is (status != 0)


def test_a_file_that_the_user_names_as_the_place_is_written(
    project: Path, use: Use, capsys: Captured
) -> None:
    file = project / "conftest.py"
    file.write_text(CODE)
    arguments = (f"conftest.py:{LINES}", "--action", "simplify")
    assert against([replying()], use, *arguments, "--write")[0] == 0
    assert file.read_text() == CODE.replace(OLD, NEW)


def test_a_refused_place_leaves_the_others_be(
    code: Path, project: Path, use: Use, capsys: Captured
) -> None:
    (project / "b.py").write_text(CODE)
    script = [replying(NEW, files=[WORKFLOW]), replying()]
    places = (f"a.py:{LINES}", f"b.py:{LINES}")
    assert against(script, use, *places, "--action", "simplify", "--write")[0] == 2
    assert code.read_text() == CODE
    assert (project / "b.py").read_text() == CODE.replace(OLD, NEW)
    assert f"a.py:{LINES}: nothing was written" in capsys.readouterr().err
