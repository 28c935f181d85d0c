"""Context source: recent edits elsewhere.

Changes come in groups: after renaming a field in one file, the user goes on to the next. Shows the
text after the edit; given the text before, the model would propose it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.context.base import ContextQuery, Snippet

MAX_HUNKS = 8
NEWEST = 3
NEWEST_SCORE = 7
OLDER_SCORE = 5


class RecentEdits:
    """The context source. Uses only the hunks of the query."""

    name = "recent_edits"

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]:
        """The latest hunks outside of the cursor's view."""
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
            for age, hunk in enumerate(reversed(elsewhere[-MAX_HUNKS:]))
        ]
