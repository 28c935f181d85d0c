;; Ghost text and refactoring by devstral-lsp beside a language's own server, through lsp-mode 10.
(use-package devstral
  :load-path "devstral"
  :demand t
  :hook (lsp-mode . devstral-mode)
  :custom (lsp-inline-completion-idle-delay 0.1))
