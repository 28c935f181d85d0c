"""Context source: what the user edited elsewhere a moment ago.

A change rarely comes alone: whoever renames a field in one file goes on to the next. The text after
the edit is shown and not what was there before, which the model would propose again.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.context.base import ContextQuery, Snippet

MOST_HUNKS = 8
NEWEST = 3
NEWEST_SCORE = 7
OLDER_SCORE = 5


class RecentEdits:
    """The source. Looks only at the hunks in the query."""

    name = "recent_edits"

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]:
        """The last hunks that do not stand around the cursor."""
        elsewhere = [
            hunk
            for hunk in query.hunks
            if hunk.text.strip()
            and not (
                hunk.uri == query.snapshot.uri
                and query.is_in_prompt_window(hunk.line, hunk.last_line)
            )
        ]
        return [
            Snippet(
                path=query.name_of(hunk),
                text=hunk.text.strip("\n"),
                source=self.name,
                score=NEWEST_SCORE if age < NEWEST else OLDER_SCORE,
                line=hunk.line,
            )
            for age, hunk in enumerate(reversed(elsewhere[-MOST_HUNKS:]))
        ]
