"""Refactoring through the chat endpoint: what may be done, what is asked, what may be changed."""
