"""Refactoring with a chat model: actions, prompts, replies, and the checks of their edits."""
