;; Ghost text and refactoring by devstral-lsp, through eglot, which runs one server in a buffer:
;; in the modes of `devstral-eglot-modes', that is this one, and the language's own does not start.
(use-package devstral
  :load-path "devstral"
  :config (devstral-eglot-setup))
