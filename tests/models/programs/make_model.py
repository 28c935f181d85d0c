"""Writes a model of about a megabyte that a real llama.cpp server loads, with weights by script.

    python make_model.py FILE FAMILY [--endless]

Its vocabulary is the 256 bytes, one token for each step of the two texts in `texts.py`, and the
control strings of FAMILY. Its one layer adds nothing: a token's embedding is its own axis, and the
output table holds a weight where the column's token is followed by the row's. So whoever asks is
answered by one of the two texts, and which of them it is tells how it was asked:

    FILLED     after the control string that asks for a gap's text
    CONTINUED  after any other token: plain completions and conversations

Then the end mark comes, or the text once more with --endless. Needs the packages gguf and numpy.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from texts import CONTINUED, FILLED

END = "<|endoftext|>"
CHAT = ("<|im_start|>", "<|im_end|>")
CHAT_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
STRENGTH = 4.0
"""Of the right successor against the others; after the layer's norm no temperature matters."""


@dataclass(frozen=True)
class Family:
    """`controls` in any order; `asks` is the one after which the gap's text is due.

    `ids` are the keys of the file by which llama.cpp knows them; without any it knows no gaps.
    """

    controls: tuple[str, ...] = ()
    asks: str = ""
    ids: tuple[str, ...] = ()


FAMILIES = {
    "qwen": Family(
        ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|repo_name|>", "<|file_sep|>"),
        "<|fim_middle|>",
        ("fim_pre", "fim_suf", "fim_mid", "fim_rep", "fim_sep"),
    ),
    # llama.cpp does not know these for what they are, in real files neither.
    "codestral": Family(("</s>", "[PREFIX]", "[SUFFIX]", "[MIDDLE]"), "[MIDDLE]"),
    "chat": Family(),
}


def byte_letters() -> list[str]:
    """The letters by which GPT-2's tokenizer writes the bytes 0 to 255: printable ones."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


class Vocabulary:
    """All tokens, with their numbers."""

    def __init__(self, family: Family) -> None:
        self._letters = byte_letters()
        # llama.cpp wants at least one merge, and its token: one that no text holds.
        zero = self.spell("\0")
        self.merges = [f"{zero} {zero}"]
        steps = [self.spell(step) for step in (*FILLED, *CONTINUED)]
        self.normal = [*self._letters, zero * 2, *steps]
        self.control = [END, *CHAT, *family.controls]
        self.tokens = [*self.normal, *self.control]
        self._numbers = {token: number for number, token in enumerate(self.tokens)}

    def spell(self, text: str) -> str:
        return "".join(self._letters[byte] for byte in text.encode())

    def number(self, control: str) -> int:
        return self._numbers[control]

    def steps(self, text: Sequence[str]) -> list[int]:
        return [self._numbers[self.spell(step)] for step in text]


def successors(words: Vocabulary, family: Family, *, endless: bool) -> list[int]:
    """For each token the one that follows it."""
    filled, continued = words.steps(FILLED), words.steps(CONTINUED)
    end = words.number(END)
    follows = [continued[0]] * len(words.tokens)
    for text in (filled, continued):
        for step, following in zip(text, [*text[1:], text[0] if endless else end], strict=True):
            follows[step] = following
    if family.asks:
        follows[words.number(family.asks)] = filled[0]
    follows[end] = end
    return follows


def add_vocabulary(writer: gguf.GGUFWriter, words: Vocabulary, family: Family) -> None:
    normal, control = gguf.TokenType.NORMAL, gguf.TokenType.CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(words.tokens)
    writer.add_token_types([normal] * len(words.normal) + [control] * len(words.control))
    writer.add_token_merges(words.merges)
    writer.add_bos_token_id(words.number(END))
    writer.add_eos_token_id(words.number(END))
    writer.add_add_bos_token(False)
    for key, token in zip(family.ids, family.controls, strict=False):
        writer.add_uint32(f"tokenizer.ggml.{key}_token_id", words.number(token))
    writer.add_chat_template(CHAT_TEMPLATE)


WINDOW_TOKENS = 32_768
HEADS, HEAD_WIDTH, INNER = 2, 32, 32


def add_shape(writer: gguf.GGUFWriter, tokens: int, width: int) -> None:
    writer.add_context_length(WINDOW_TOKENS)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_key_length(HEAD_WIDTH)
    writer.add_value_length(HEAD_WIDTH)
    writer.add_rope_dimension_count(HEAD_WIDTH)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(tokens)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def add_weights(writer: gguf.GGUFWriter, follows: Sequence[int], width: int) -> None:
    def zeros(*shape: int) -> np.ndarray:
        return np.zeros(shape, np.float32)

    ones = np.ones(width, np.float32)
    inner = HEADS * HEAD_WIDTH
    table = zeros(len(follows), width)
    for token, following in enumerate(follows):
        table[following, token] = STRENGTH
    writer.add_tensor("token_embd.weight", np.eye(len(follows), width, dtype=np.float32))
    writer.add_tensor("output.weight", table)
    writer.add_tensor("output_norm.weight", ones)
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{name}.weight", ones)
    for name in ("attn_q", "attn_k", "attn_v"):
        writer.add_tensor(f"blk.0.{name}.weight", zeros(inner, width))
    for name in ("ffn_gate", "ffn_up"):
        writer.add_tensor(f"blk.0.{name}.weight", zeros(INNER, width))
    writer.add_tensor("blk.0.attn_output.weight", zeros(width, inner))
    writer.add_tensor("blk.0.ffn_down.weight", zeros(width, INNER))


def write(file: Path, family: Family, *, endless: bool) -> None:
    words = Vocabulary(family)
    width = -(-len(words.tokens) // 32) * 32
    writer = gguf.GGUFWriter(str(file), "llama")
    writer.add_name(file.stem)
    add_shape(writer, len(words.tokens), width)
    add_vocabulary(writer, words, family)
    add_weights(writer, successors(words, family, endless=endless), width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("family", choices=sorted(FAMILIES))
    parser.add_argument("--endless", action="store_true")
    asked = parser.parse_args()
    write(asked.file, FAMILIES[asked.family], endless=asked.endless)


if __name__ == "__main__":
    main()
