"""What a session's settings are before and after its editor has spoken."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.server.configuration import UNANSWERED, Configuration, Way


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    file = tmp_path / "config.toml"
    file.touch()
    return Configuration({"DEVSTRAL_CONFIG": str(file)})


def test_nothing_is_sent_before_an_editor_that_is_asked_has_answered(
    configuration: Configuration,
) -> None:
    configuration.awaits_editor = True
    configuration.hear(Way.INITIALIZE, {"fim": {"provider": "ollama"}})
    waiting = configuration.resolve([])
    assert (waiting.waits, UNANSWERED in waiting.narrowed) == (True, True)
    configuration.hear(Way.PULLED, None)
    assert configuration.resolve([]).narrowed == ""
    assert configuration.resolve([]).settings.fim.provider == "ollama"


def test_a_slip_is_told_before_the_silence(configuration: Configuration) -> None:
    configuration.awaits_editor = True
    configuration.hear(Way.INITIALIZE, {"fim": {"provider": "olama"}})
    resolved = configuration.resolve([])
    assert not resolved.waits
    assert UNANSWERED not in resolved.narrowed
    assert len(resolved.problems) == 1


def test_the_same_slips_do_the_same(configuration: Configuration) -> None:
    configuration.hear(Way.PUSHED, {"fim": {"provider": "ollama"}})
    good = configuration.resolve([])
    configuration.hear(Way.PUSHED, {"fim": {"provider": "olama"}})
    one = configuration.resolve([])
    configuration.hear(Way.PUSHED, {"fim": {"provider": "olla"}})
    other = configuration.resolve([])
    assert one != other
    assert one.does_as(other)
    assert one.does_as(good)
    configuration.hear(Way.PUSHED, {"fim": {"provider": "vllm"}})
    assert not configuration.resolve([]).does_as(other)
