"""The weights fit the features and the rules."""

from __future__ import annotations

import pytest

from devstral_lsp.next_edit.classifier import probability
from devstral_lsp.next_edit.features import FEATURES
from devstral_lsp.next_edit.rules import RULES
from devstral_lsp.next_edit.weights import WEIGHTS


@pytest.mark.parametrize("rule", WEIGHTS)
def test_each_rule_has_a_weight_for_each_feature(rule: str) -> None:
    assert len(WEIGHTS[rule]) == 1 + len(FEATURES)
    assert 0 <= probability(rule, [0.0] * len(FEATURES)) <= 1


def test_all_rules_have_weights() -> None:
    assert RULES.keys() <= WEIGHTS.keys()


def test_support_speaks_for_a_change() -> None:
    """The more often the user has made it, the surer."""
    often = [1.5 if name == "support" else 0.0 for name in FEATURES]
    for rule in ("rename", "token_swap", "same_block"):
        assert probability(rule, often) > probability(rule, [0.0] * len(FEATURES))
