"""Where a suggestion ends, decided by syntax in the text that the document would become."""
