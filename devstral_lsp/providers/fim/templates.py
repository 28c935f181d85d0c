"""The FIM prompt formats of code model families, for servers that complete plain text.

Spacing and characters of the control strings must match exactly: one space more or less, or an
ASCII bar in DeepSeek's tokens, and the model does not fill the gap. Each row of `TEMPLATES` names
its source; a family whose format is not published (Devstral) has no row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from devstral_lsp.providers.base import FimRequest

MARKER = "+++++ "
"""Precedes a file's name, on a line of its own."""


@dataclass(frozen=True, slots=True)
class ContextFile:
    """A part of another file, and its name as the model should see it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class SplitPrompt:
    """`own` is the text before the gap, `name` that of its file, "" if it has none."""

    files: tuple[ContextFile, ...]
    name: str
    own: str


def split_prompt(request: FimRequest) -> SplitPrompt:
    """Split a prompt into the other files that precede the gap's own text, and that text.

    Codestral reads the files as they stand in the prompt. Other families have tokens of their own
    for them, and llama.cpp a member of its request.
    """
    head, own = request.prompt[: request.context_length], request.prompt[request.context_length :]
    blocks = [block.partition("\n") for block in f"\n{head}".split(f"\n{MARKER}")[1:]]
    if not blocks:
        return SplitPrompt((), "", request.prompt)
    *others, (current, _, _) = blocks
    files = tuple(ContextFile(name, text.rstrip("\n") + "\n") for name, _, text in others)
    return SplitPrompt(files, current, own)


@dataclass(frozen=True, slots=True, kw_only=True)
class FimTemplate:
    """One model family.

    `ids` is searched in a lower-case model id, and `not_ids` must not be found there. `tokens` are
    the control strings, each of which the model's tokenizer encodes as one id; `layout` places them
    by number around {prefix} and {suffix}. `stops` end an answer where the server does not.
    `others` are further control strings that the user's text must not contain.
    """

    family: str
    ids: str
    not_ids: str = ""
    tokens: tuple[str, ...]
    layout: str = "{0}{prefix}{1}{suffix}{2}"
    stops: tuple[str, ...]
    others: tuple[str, ...] = ()
    repository: str = ""
    file: str = ""
    """The format of other files before the layout: first `repository`, then {name} and {text} of
    each, and of the gap's own file without its text. "" to leave them in the prefix."""

    def fits(self, model: str) -> bool:
        """Whether the model belongs to this family, judging by its id."""
        name = model.lower()
        excluded = self.not_ids and re.search(self.not_ids, name)
        return bool(re.search(self.ids, name)) and not excluded

    def render(self, request: FimRequest) -> str:
        """The prompt as text, for a server that recognizes control strings in text."""
        controls = self.special_tokens
        parts = split_prompt(request) if self.file else SplitPrompt((), "", request.prompt)
        gap = self.layout.format(
            *self.tokens,
            prefix=_after_controls(parts.own, controls),
            suffix=_before_controls(request.suffix, controls),
        )
        return self._other_files(parts) + gap

    def _other_files(self, parts: SplitPrompt) -> str:
        """The other files, without those that hold a control string."""
        known = [*parts.files, ContextFile(parts.name, "")] if parts.name else []
        written = [
            self.file.format(name=each.name, text=each.text)
            for each in known
            if not any(control in each.name + each.text for control in self.special_tokens)
        ]
        return self.repository + "".join(written) if len(written) > 1 else ""

    @property
    def special_tokens(self) -> tuple[str, ...]:
        """Every string that a server would not read as plain text."""
        return tuple(dict.fromkeys((*self.tokens, *self.stops, *self.others)))


_MISTRALS_OTHERS = ("[MIDDLE]", "<s>", "</s>", "[INST]", "[/INST]", "[TOOL_CALLS]")

TEMPLATES: tuple[FimTemplate, ...] = (
    # GitLab's gateway, for self-hosted 25.01: a leading end mark and a trailing [MIDDLE].
    FimTemplate(
        family="codestral-25",
        ids=r"codestral-?(latest-)?(25|2411|2412)",
        tokens=("[SUFFIX]", "[PREFIX]", "[MIDDLE]"),
        layout="</s>{0}{suffix}{1}{prefix}{2}",
        stops=("[PREFIX]", "[SUFFIX]"),
        others=_MISTRALS_OTHERS,
    ),
    # mistral-common's encode_fim: the suffix comes first, and nothing after the prefix. "</s>" is
    # no stop string here: servers end at that token by themselves, and as text it is HTML.
    FimTemplate(
        family="codestral",
        ids=r"codestral",
        not_ids=r"mamba",
        tokens=("[SUFFIX]", "[PREFIX]"),
        layout="{0}{suffix}{1}{prefix}",
        stops=("[PREFIX]", "[SUFFIX]"),
        others=_MISTRALS_OTHERS,
    ),
    # The README of Qwen3-Coder.
    FimTemplate(
        family="qwen",
        ids=r"qwen[\d.]*[-_ ]?coder",
        tokens=("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
        stops=("<|endoftext|>", "<|fim_pad|>", "<|file_sep|>", "<|im_end|>"),
        others=("<|repo_name|>", "<|im_start|>"),
        repository="<|repo_name|>repository\n",
        file="<|file_sep|>{name}\n{text}",
    ),
    # SantaCoder alone writes hyphens.
    FimTemplate(
        family="santacoder",
        ids=r"santacoder",
        tokens=("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
        stops=("<|endoftext|>",),
    ),
    # StarCoder 1 and 2, and those that took their tokens over: Granite code, Stable Code.
    FimTemplate(
        family="starcoder",
        ids=r"starcoder|granite.{0,80}code|stable-?code",
        tokens=("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
        stops=("<|endoftext|>", "<file_sep>"),
        others=("<fim_pad>", "<repo_name>"),
    ),
    # vLLM's renderer of DeepSeek V4. The bars are U+FF5C and the low lines U+2581. "hole" stands
    # between the texts and "end" after them, whatever their names suggest.
    FimTemplate(
        family="deepseek",
        ids=r"deepseek-?(coder|v4)",
        tokens=("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
        stops=("<｜end▁of▁sentence｜>",),
        others=("<｜begin▁of▁sentence｜>",),
    ),
    # Ollama's library: spaces after <PRE>, before <SUF> and before <MID>, none after <SUF>. The
    # large, the instructed and the Python ones were not taught to fill.
    FimTemplate(
        family="codellama",
        ids=r"code-?llama",
        not_ids=r"34b|70b|instruct|python",
        tokens=("<PRE>", " <SUF>", " <MID>"),
        layout="{0} {prefix}{1}{suffix}{2}",
        stops=("<EOT>",),
        others=("<SUF>", "<MID>"),
    ),
    # Google's page on CodeGemma's prompts.
    FimTemplate(
        family="codegemma",
        ids=r"codegemma",
        tokens=("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
        stops=("<|file_separator|>", "<eos>", "<end_of_turn>", "<|fim_prefix|>"),
        others=("<bos>", "<start_of_turn>"),
    ),
    # llama.cpp's list of the spellings that it knows.
    FimTemplate(
        family="glm",
        ids=r"glm-?4\.5",
        tokens=("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>"),
        stops=("<|endoftext|>",),
        others=("<|user|>", "<|assistant|>"),
    ),
    # ByteDance's report on Seed-Coder (arXiv 2506.03524, 2.2.6): the suffix comes first. The card
    # of the base model alone says that it fills gaps. Its format for other files is not published.
    # The stop string, with U+2581 for low lines, is that of Zed's prompts for a model made of it.
    FimTemplate(
        family="seed-coder",
        ids=r"seed[-_ ]?coder",
        not_ids=r"instruct|reasoning",
        tokens=("<[fim-suffix]>", "<[fim-prefix]>", "<[fim-middle]>"),
        layout="{0}{suffix}{1}{prefix}{2}",
        stops=("<[end▁of▁sentence]>",),
        others=("<[begin▁of▁sentence]>",),
    ),
)
"""The first row that matches a model's id is that of its family."""


def find_template(model: str) -> FimTemplate | None:
    """The template for a model, None if its id matches no family."""
    return next((each for each in TEMPLATES if each.fits(model)), None)


def _after_controls(prefix: str, controls: tuple[str, ...]) -> str:
    """The prefix after its last control string, from the start of the next line.

    Servers recognize control strings anywhere in a text, so a file about tokenizers would change
    the prompt's structure. Altered text would come back in answers, so the prefix begins after
    the control string instead: the model sees less, but nothing false.
    """
    end = max((at + len(each) for each in controls if (at := prefix.rfind(each)) >= 0), default=0)
    if end == 0:
        return prefix
    rest = prefix[end:]
    _, line_end, from_next_line = rest.partition("\n")
    return from_next_line if line_end else rest


def _before_controls(suffix: str, controls: tuple[str, ...]) -> str:
    """The suffix before its first control string, up to the end of a line."""
    start = min((at for each in controls if (at := suffix.find(each)) >= 0), default=-1)
    if start < 0:
        return suffix
    rest = suffix[:start]
    up_to_line, line_end, _ = rest.rpartition("\n")
    return up_to_line + line_end if line_end else rest
