"""Secrets in text: where they are (`scan.find_secrets`), what replaces them in a request
(`placeholders.Placeholders`), and whether a file is nothing but a key (`key_files.is_key_file`).

Uses its own rules, because no library fits: detect-secrets 1.5.0 takes 136 ms to load and 92 ms for
8 kB of Python, and others are programs in another language. Load these modules on first use:
compiling the expressions takes about 20 ms.
"""
