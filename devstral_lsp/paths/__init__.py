"""Judge paths by their text: which names may be written (`names`), and which files run by
themselves (`sensitive`)."""
