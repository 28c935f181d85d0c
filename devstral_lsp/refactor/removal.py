"""Decides whether the user's own instruction asks to remove code.

Only a hint: it decides whether the user must confirm removed code, never whether a comment may
replace code.
"""

from __future__ import annotations

import re

_ASKS = re.compile(
    r"\b(?:remov|delet|drop(?:s|ped|ping)?\b|discard|strip (?:out|away|the|all)|get(?:ting)? rid"
    r"|clean(?:ing)?(?:\b|-)|simplif|shorten|inlin|de-?dup|merg|collaps|condens|consolidat"
    r"|eliminat|prun[ei]|unused|dead code|redundan|revert"
    r"|cut (?:out|down)|(?:take|throw) (?:out|away)"
    r"|entfern|lösch|loesch|streich|kürz|vereinfach|wegl|aufräum|bereinig|zusammenfass|rausn"
    r"|supprim|enl[eè]v|retire[zr]?\b|efface|raccourc|nettoy|nettoi"
    r"|elimin|borra|quita\w*\b|suprim|acort|limpi[ae]|apag(?:ue|ar)|exclua"
    r"|rimuov|cancella(?:re|te)?\b|togli|semplific|verwijder|schrap|vereenvoudig|opruim"
    r"|ta bort|radera|förenkl|usuń|usun|skróć|uprość|kaldır"
    r"|удал|убер|убра|сократ|упрост|видал|прибер|спрост)"
    r"|删|刪|移除|去掉|去除|简化|簡化|清理|精简|削除|消し|除去|取り除|簡略|簡潔|短く"
    r"|삭제|제거|지우|지워|간단|단순",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"(?:\b(?:not|never|without|don't|nothing|no|ohne|nicht|keine?|kein|sans|pas|rien|sin|nada"
    r"|senza|sem|não|zonder|niet|utan|inte|bez|nie|не|без)|不要|不|别|勿|ないで)\W*(?:\w{1,12}\W+){0,2}\Z",
    re.IGNORECASE,
)
_BEFORE = 30
"""Code points before a word that are searched for a negation."""
MAX_WORDS = 8_000
"""Code points that are read."""


def asks_to_remove(words: str) -> bool:
    """Whether `words` ask to remove code, in any of the supported natural languages."""
    words = words[:MAX_WORDS]
    return any(
        not _DENIES.search(words[max(0, match.start() - _BEFORE) : match.start()])
        for match in _ASKS.finditer(words)
    )
