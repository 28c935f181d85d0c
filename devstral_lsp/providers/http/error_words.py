"""How endpoints speak of what went wrong, by meaning: what is spoken of, and what is said of it.

The expressions are searched in a message of lower case. One alone says little; a row of
`error_facts.py`, a `Fact`, asks for two, such as a context and that something exceeds it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from re import Pattern

from devstral_lsp.errors import ProviderError
from devstral_lsp.providers.http.error_reply import ErrorBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One row. It matches a reply of one of `statuses` (empty for any) that names one of `codes`,
    or whose message has all of `words` and not `but`; with neither, the status is enough.

    `sentence` may name {host}, {model}, {path} and what else `error_mapping.py` fills in. `fields`
    are added to those that an InvalidRequest names.
    """

    raises: type[ProviderError]
    sentence: str
    statuses: Collection[int] = ()
    codes: tuple[str, ...] = ()
    words: tuple[Pattern[str], ...] = ()
    but: Pattern[str] | None = None
    fields: tuple[str, ...] = ()

    def matches(self, status: int, body: ErrorBody) -> bool:
        if self.statuses and status not in self.statuses:
            return False
        if not self.codes and not self.words:
            return True
        if any(part in code for code in body.codes for part in self.codes):
            return True
        if self.but is not None and self.but.search(body.message):
            return False
        return bool(self.words) and all(each.search(body.message) for each in self.words)


OVER = re.compile(
    r"exceed|overflow|too (?:long|large|big|many)|(?:longer|larger|greater|more|bigger|higher) than"
    r"|over the|reduce|shorten|shorter|(?:less|fewer) than|at most|only supports"
    r"|<=|not enough|leaves 0"
    r"|\d >=? ?\d|(?:maximum|limit|range)[^.]{0,60} (?:is|be|of)\b|(?:n.t|not|cannot) fit"
    r"|(?:length|size|window) (?:is|of) (?:only )?\d"
)
CONTEXT = re.compile(
    r"(?:context|prompt|input|model|sequence)[ _](?:window|length|size|limit|len)(?![a-z])"
    r"|n_ctx|contextwindow|\bcontext\b(?! ?=)"
    r"|max(?:imum)?[ _](?:context|model|prompt|input)"
)
PROMPT = re.compile(
    r"(?:prompt|input|message|conversation|request|sequence)s?[`'s]{0,2}\b[^.]{0,40}"
    r"(?:length|token|long|large|size|limit)|\btokens?\b"
)
NOT_A_PROMPT = re.compile(
    r"\barray|\bimage (?:size|exceeds|too)|\.image|per.?(?:min|hour|day|sec)|rate.?limit|quota"
    r"|too many requests|api key"
)
ANSWER_LIMIT = re.compile(r"max_(?:completion_|new_|output_)?tokens")
OF_THE_PROMPT = re.compile(r"context|\binputs?\b(?! validation)|prompt")
RATE = re.compile(
    r"per.?(?:min|sec|hour)|rate.?limit|\b[tr]pm\b|too many requests"
    r"|(?:retry|again) (?:in|after) \d"
)
MONEY = re.compile(
    r"credit|balance|billing|budget|quota|\bfunds?\b|spend|allocation|allowance|top.?up|recharge"
    r"|(?:usage|hourly|daily|weekly|monthly) (?:\w{1,12} ){0,2}limit"
    r"|free (?:tier|tokens|plan)|remaining tokens"
)
SPENT = re.compile(
    r"exceed|insufficient|exhaust|n[o'].? ?(?:have )?enough|too low|used up|r[ua]n out|out of"
    r"|reached|deplet|no remaining|over budget|never purchased|more credit|restricted|recharge"
    r"|upgrade|purchase|\bhit\b"
)
NO_SUCH = re.compile(
    r"(?:model|deployment)[^\n]{0,160}"
    r"(?:not (?:be )?found|not exist|n.t exist|not (?:a )?(?:valid|known|recognized|available))"
    r"|(?:invalid|unknown|no such|unrecognized|unsupported) (?:model|deployment)"
    r"|model [\w'\"`./:-]{1,100} is not supported|not a valid model"
    r"|no (?:healthy )?models? (?:matches|named|available)"
)
GONE = re.compile(
    r"deprecated|retired|end.of.life|decommission|no longer|sunset|discontinued|shut ?down"
)
MODEL = re.compile(r"model|deployment|version")
NOT_SUPPORTED = re.compile(
    r"not (?:currently )?support|n.t support|unsupported|found that support|requires? --|enable"
    r"|not a multimodal|not accept|n.t accept"
)
ENDPOINTS = re.compile(r"endpoint|provider")
NO_ENDPOINT = re.compile(
    r"no (?:\w{1,20} )?(?:endpoint|provider)s?\b|providers have been|permits only"
)
POLICY = re.compile(r"data policy|privacy|training|retention|\bzdr\b")
MODERATION = re.compile(
    r"moderation|content[ _](?:filter|management|policy)|safety (?:system|policy|filter|setting)"
    r"|guardrail|flagged|blocked due to|blocked by|prohibited|policy violation|usage polic"
    r"|inappropriate|sensitive (?:content|information|word)|harmful|unsafe"
)
ROLES = re.compile(
    r"system role|role ['\"`]?system|only user and assistant|roles must alternate"
    r"|system (?:messages?|prompts?) (?:is|are) not|support system (?:message|prompt|role)"
)
LOADING_SENTENCE = "{host} is loading {model}: it answers when that is done."

LOADING = re.compile(
    r"loading model|(?:is|still|currently|being) (?:loading|loaded|starting|warming)|warming up"
    r"|model loading|starting up"
)
NOT_LOADED = re.compile(r"no models? (?:is |are |currently )?loaded")
LOAD_FAILED = re.compile(
    r"(?:failed|unable|could not|error) (?:to )?load|load(?:ing)? (?:failed|aborted)|model unloaded"
    r"|model is unloaded|has crashed|runner (?:process|to start)|may be incompatible"
)
MEMORY = re.compile(
    r"requires more (?:\w{1,10} )?memory|out of (?:\w{1,10} )?memory|cudamalloc"
    r"|(?:insufficient|not enough) (?:\w{1,10} )?(?:memory|resources|vram)"
)
SUFFIX = re.compile(r"\bfim\b|\binfill|\binsert\b|\bsuffix\b|fill.in.the.middle")
