"""What real editors say they can do, as far as our server looks at it.

Shortened from the `initialize` requests of VS Code 1.139, Neovim 0.12.4, Helix 25.07.1, eglot
1.17.30 and lsp-mode 10.0.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KINDS = ["quickfix", "refactor", "refactor.extract", "refactor.inline", "refactor.rewrite"]

_LAZY: dict[str, Any] = {
    "codeActionLiteralSupport": {"codeActionKind": {"valueSet": _KINDS}},
    "dataSupport": True,
    "isPreferredSupport": True,
    "resolveSupport": {"properties": ["edit", "command"]},
}
"""What all of them say of code actions."""

_FILES = ["create", "rename", "delete"]

VSCODE: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "synchronization": {"dynamicRegistration": True, "didSave": True},
        "completion": {
            "dynamicRegistration": True,
            "contextSupport": True,
            "completionItem": {
                "snippetSupport": True,
                "documentationFormat": ["markdown", "plaintext"],
                "insertReplaceSupport": True,
                "insertTextModeSupport": {"valueSet": [1, 2]},
                "labelDetailsSupport": True,
            },
            "insertTextMode": 2,
        },
        "inlineCompletion": {"dynamicRegistration": True},
        "codeAction": {**_LAZY, "dynamicRegistration": True, "disabledSupport": True},
        "hover": {"dynamicRegistration": True},
        "publishDiagnostics": {"versionSupport": False},
    },
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": _FILES,
            "changeAnnotationSupport": {"groupsOnLabel": True},
            "snippetEditSupport": True,
        },
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": True},
        "executeCommand": {"dynamicRegistration": True},
        "workspaceFolders": True,
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
}

NEOVIM: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-8", "utf-16", "utf-32"]},
    "textDocument": {
        "synchronization": {"dynamicRegistration": False, "didSave": True},
        "completion": {
            "dynamicRegistration": False,
            "contextSupport": True,
            "completionItem": {
                "snippetSupport": True,
                "documentationFormat": ["markdown", "plaintext"],
                "insertReplaceSupport": True,
                "labelDetailsSupport": True,
            },
        },
        "inlineCompletion": {"dynamicRegistration": False},
        "codeAction": {**_LAZY, "dynamicRegistration": True, "disabledSupport": True},
        "hover": {"dynamicRegistration": True},
    },
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {
            "resourceOperations": _FILES,
            "changeAnnotationSupport": {"groupsOnLabel": True},
        },
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": False},
        "didChangeWatchedFiles": {"dynamicRegistration": False},
        "workspaceFolders": True,
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
}

HELIX: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]},
    "textDocument": {
        "completion": {
            "completionItem": {
                "snippetSupport": True,
                "insertReplaceSupport": True,
                "deprecatedSupport": True,
            },
            "completionItemKind": {},
        },
        "codeAction": {**_LAZY, "disabledSupport": True},
        "publishDiagnostics": {"versionSupport": True},
    },
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "resourceOperations": _FILES},
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": False},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "workspaceFolders": True,
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
}

EGLOT: dict[str, Any] = {
    "experimental": {},
    "general": {"positionEncodings": ["utf-32", "utf-8", "utf-16"]},
    "textDocument": {
        "synchronization": {"dynamicRegistration": False, "didSave": True},
        "completion": {
            "dynamicRegistration": False,
            "contextSupport": True,
            "completionItem": {
                "snippetSupport": False,
                "deprecatedSupport": True,
                "resolveSupport": {
                    "properties": ["documentation", "details", "additionalTextEdits"]
                },
            },
        },
        "codeAction": {**_LAZY, "dynamicRegistration": False},
        "hover": {"dynamicRegistration": False},
    },
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True},
        "configuration": True,
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "workspaceFolders": True,
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
}

LSP_MODE: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-32", "utf-8", "utf-16"]},
    "textDocument": {
        "synchronization": {"didSave": True},
        "completion": {
            "dynamicRegistration": True,
            "contextSupport": True,
            "completionItem": {
                "snippetSupport": False,
                "documentationFormat": ["markdown", "plaintext"],
                "insertReplaceSupport": True,
                "insertTextModeSupport": {"valueSet": [1, 2]},
                "labelDetailsSupport": True,
                "resolveSupport": {
                    "properties": ["documentation", "detail", "additionalTextEdits"]
                },
            },
        },
        "inlineCompletion": None,
        "codeAction": {**_LAZY, "dynamicRegistration": True},
        "hover": {"dynamicRegistration": True},
        "publishDiagnostics": {"versionSupport": True},
    },
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "resourceOperations": _FILES},
        "configuration": True,
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "workspaceFolders": True,
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
}

CLIENTS: Mapping[str, dict[str, Any]] = {
    "vscode": VSCODE,
    "neovim": NEOVIM,
    "helix": HELIX,
    "eglot": EGLOT,
    "lsp-mode": LSP_MODE,
}
