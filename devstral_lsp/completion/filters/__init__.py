"""The filters that a draft passes, in a fixed order, before it may be displayed.

A filter is a pure function of a draft and its cursor context, one per file and named for what it
does; None means that nothing is worth showing. The examples in each docstring are tests: `│` is the
cursor, `⏎` a line end, `→` a tab, `␣` a space that an editor would strip.

The order:

1. Unify line ends, so that no later filter meets a "\\r".
2. Remove what is not code (control tokens, fences, prose, path headers, conflict markers,
   placeholders), because later filters compare the draft with the document.
3. Remove repeated text from before the cursor, so that the draft begins at the cursor.
4. Cut to the requested kind, before loops, and to what the stream has finished. A draft that a
   filter has cut ends there: `finish` no longer makes its end doubtful.
5. Convert to the document's indentation, by which scope and repetition are judged.
6. Cut at the end of the scope, before secrets, and before text that follows the cursor.
7. Cut unmatched brackets last, because every other cut may have removed one.
8. Trim whitespace; drop what is too short, does not parse, or hides characters; restore the
   document's line ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from devstral_lsp.completion.extent.ground import Ground
from devstral_lsp.completion.filters.add_missing_blank import add_missing_blank
from devstral_lsp.completion.filters.align_to_cursor import align_to_cursor
from devstral_lsp.completion.filters.close_brackets import close_brackets
from devstral_lsp.completion.filters.cover_closing import cover_closing
from devstral_lsp.completion.filters.cover_line import cover_line
from devstral_lsp.completion.filters.cut_beyond_scope import cut_beyond_scope
from devstral_lsp.completion.filters.cut_control_tokens import cut_control_tokens
from devstral_lsp.completion.filters.cut_long_remarks import cut_long_remarks
from devstral_lsp.completion.filters.cut_merge_markers import cut_merge_markers
from devstral_lsp.completion.filters.cut_overlapping_rest import cut_overlapping_rest
from devstral_lsp.completion.filters.cut_partial_tail import cut_partial_tail
from devstral_lsp.completion.filters.cut_path_headers import cut_path_headers
from devstral_lsp.completion.filters.cut_placeholders import cut_placeholders
from devstral_lsp.completion.filters.cut_prose import cut_prose
from devstral_lsp.completion.filters.cut_repeated_lines import cut_repeated_lines
from devstral_lsp.completion.filters.cut_repeated_rest import cut_repeated_rest
from devstral_lsp.completion.filters.cut_runaway_repetition import cut_runaway_repetition
from devstral_lsp.completion.filters.cut_secrets import cut_secrets
from devstral_lsp.completion.filters.cut_unopened_brackets import cut_unopened_brackets
from devstral_lsp.completion.filters.drop_comment_runaway import drop_comment_runaway
from devstral_lsp.completion.filters.drop_doubled_blank import drop_doubled_blank
from devstral_lsp.completion.filters.drop_hidden_characters import drop_hidden_characters
from devstral_lsp.completion.filters.drop_leading_newline import drop_leading_newline
from devstral_lsp.completion.filters.drop_misplaced_closer import drop_misplaced_closer
from devstral_lsp.completion.filters.drop_repeated_prefix import drop_repeated_prefix
from devstral_lsp.completion.filters.drop_repeated_token import drop_repeated_token
from devstral_lsp.completion.filters.drop_tiny import drop_tiny
from devstral_lsp.completion.filters.drop_unparsable import drop_unparsable
from devstral_lsp.completion.filters.keep_rest_of_line import keep_rest_of_line
from devstral_lsp.completion.filters.match_indentation import match_indentation
from devstral_lsp.completion.filters.match_line_ends import match_line_ends
from devstral_lsp.completion.filters.shift_left import shift_left
from devstral_lsp.completion.filters.trim_blanks import trim_blanks
from devstral_lsp.completion.filters.unify_line_ends import unify_line_ends
from devstral_lsp.completion.filters.unwrap_fences import unwrap_fences
from devstral_lsp.completion.source import brackets, parsing, reading
from devstral_lsp.completion.types import CursorContext, Draft

Filter = Callable[[Draft, CursorContext], Draft | None]

_ROUNDS = 5
"""Times that a draft goes round at most: in practice the second changes nothing."""

FILTERS: tuple[Filter, ...] = (
    unify_line_ends,
    cut_control_tokens,
    unwrap_fences,
    cut_prose,
    cut_path_headers,
    cut_merge_markers,
    cut_placeholders,
    drop_repeated_prefix,
    drop_leading_newline,
    drop_misplaced_closer,
    drop_repeated_token,
    add_missing_blank,
    drop_doubled_blank,
    keep_rest_of_line,
    cut_runaway_repetition,
    drop_comment_runaway,
    cut_long_remarks,
    cut_partial_tail,
    shift_left,
    align_to_cursor,
    match_indentation,
    cut_beyond_scope,
    cut_secrets,
    cut_repeated_lines,
    cut_repeated_rest,
    cut_unopened_brackets,
    close_brackets,
    cover_line,
    cover_closing,
    cut_overlapping_rest,
    trim_blanks,
    drop_tiny,
    drop_hidden_characters,
    drop_unparsable,
    match_line_ends,
)


@dataclass(frozen=True, slots=True)
class FilterResult:
    """What the filters leave of a draft, and which of them had a say.

    `draft` is None if one of them dropped it; `dropped_by` then names that one. `changed_by` names,
    in order, those that changed the text or what it covers.
    """

    draft: Draft | None
    dropped_by: str | None = None
    changed_by: tuple[str, ...] = ()


def prewarm(place: CursorContext) -> None:
    """Find out about `place` what its drafts will be judged by, while none has come yet. Remembered
    where it is found out, so that nothing is found out twice."""
    for find_out in (brackets.aside_at_cursor, reading.lines_above, reading.lines_below):
        find_out(place)
    parsing.look_ahead(place)
    if (ground := Ground.of(place)) is not None:
        ground.without_draft()


def apply_filters(
    draft: Draft, place: CursorContext, filters: Sequence[Filter] = FILTERS
) -> FilterResult:
    """Run `draft` through `filters` in their order, until one drops it or none changes it.

    A cut may uncover what an earlier filter looks for, so a changed draft goes round again. What
    it covers is found anew: it may have been another place's, from where the user has typed on.
    """
    changed: list[str] = []
    draft = replace(draft, replaces_after=0)
    for _ in range(_ROUNDS):
        entered = draft
        for each in filters:
            kept = each(draft, place)
            if kept is None:
                return FilterResult(None, each.__name__, tuple(changed))
            if (kept.text, kept.replaces_after) != (draft.text, draft.replaces_after):
                changed.append(each.__name__)
            draft = kept
        if draft == entered:
            break
    return FilterResult(draft, None, tuple(dict.fromkeys(changed)))
