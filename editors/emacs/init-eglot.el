;; Ghost text and refactoring by devstral-lsp in these modes, through eglot.
(use-package devstral
  :load-path "devstral"
  :config (devstral-eglot-setup 'python-mode 'python-ts-mode 'js-mode 'js-ts-mode
                                'typescript-ts-mode 'c-mode 'c-ts-mode 'c++-mode 'c++-ts-mode
                                'go-ts-mode 'rust-ts-mode 'java-mode 'java-ts-mode
                                'ruby-mode 'ruby-ts-mode 'sh-mode 'bash-ts-mode))
