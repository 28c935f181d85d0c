;;; devstral.el --- Ghost text and refactoring by Mistral's code models  -*- lexical-binding: t; -*-

;; Author: The devstral-lsp contributors
;; Version: 0.1.0
;; Package-Requires: ((emacs "30.1"))
;; Keywords: convenience, languages, tools
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; Connects Emacs with the language server `devstral-lsp', through eglot or
;; lsp-mode.
;;
;; With eglot, `devstral-mode' shows what the server suggests as ghost text at
;; point, asks again while you type, and takes the suggestion whole, by the
;; word or by the line.  `completion-at-point' offers the same text without it.
;; lsp-mode has ghost text of its own from version 10 on; this file tells it
;; about the server, and adds what lsp-mode does not have: the status in the
;; mode line, and commands for changing code in your own words.
;;
;;     (use-package devstral
;;       :load-path "devstral"
;;       :config (devstral-eglot-setup))
;;
;; How suggestions are made is set on the server's side, see its README.

;;; Code:

(require 'cl-lib)
(require 'eglot)
(require 'jsonrpc)

(defgroup devstral nil
  "Ghost text and refactoring by Mistral's code models."
  :group 'tools
  :prefix "devstral-")

(defcustom devstral-command '("devstral-lsp" "--stdio")
  "The program of the language server and its arguments."
  :type '(repeat string))

(defcustom devstral-idle-delay 0.02
  "Seconds without a key before the server is asked.
The server waits for a longer pause where that is worth it, so this can be
short."
  :type 'number)

(defcustom devstral-eglot-modes
  '(c++-mode c++-ts-mode c-mode c-ts-mode csharp-mode csharp-ts-mode css-mode css-ts-mode
    go-mode go-ts-mode html-mode html-ts-mode java-mode java-ts-mode js-mode js-ts-mode
    kotlin-mode kotlin-ts-mode lua-mode lua-ts-mode markdown-mode markdown-ts-mode perl-mode
    php-mode php-ts-mode python-mode python-ts-mode ruby-mode ruby-ts-mode rust-mode
    rust-ts-mode scala-mode sh-mode bash-ts-mode sql-mode swift-mode tsx-ts-mode
    typescript-mode typescript-ts-mode)
  "Major modes that `devstral-eglot-setup' is for, if it is not told others.
Eglot runs one server in a buffer: in these modes, that is devstral-lsp, and the
language's own server does not start.  Leave out those where you want that one."
  :type '(repeat symbol))

(defcustom devstral-keymap-prefix "C-c -"
  "The key before those of `devstral-command-map' in `devstral-mode'; nil for none.
Takes effect when the package is loaded."
  :type '(choice (const :tag "None" nil) key))

(defcustom devstral-shown-hook nil
  "Hook run when another suggestion is on the screen."
  :type 'hook)

(defcustom devstral-hidden-hook nil
  "Hook run when the suggestion has left the screen."
  :type 'hook)

(defcustom devstral-accepted-functions nil
  "Functions called with the text of a suggestion, or of a part, that was accepted."
  :type 'hook)

(defface devstral-ghost '((t :inherit shadow))
  "Face of suggested text.")


;;;; What is suggested, and where

(cl-defstruct (devstral--offer (:copier nil))
  "A suggestion at point; START and END are markers around what it replaces.
REST-LENGTH is how much of that stands behind point."
  items index start end rest-length)

(defvar devstral-mode)
(defvar-local devstral--offer nil
  "The suggestion on the screen, nil if there is none.")
(defvar-local devstral--overlay nil)
(defvar-local devstral--timer nil)
(defvar-local devstral--tick nil
  "The state of the text when the last command had ended.")
(defvar-local devstral--question 0
  "Counts what was asked: only the last answer is for now.")

(defun devstral--item (offer)
  "The item of OFFER that is shown."
  (nth (devstral--offer-index offer) (devstral--offer-items offer)))

(defun devstral--rest (offer)
  "What is left to type of OFFER, nil if point or the text have left it."
  (let* ((text (plist-get (devstral--item offer) :insertText))
         (start (marker-position (devstral--offer-start offer)))
         (typed (and (<= start (point)) (buffer-substring-no-properties start (point)))))
    (and typed
         (= (- (devstral--offer-end offer) (point)) (devstral--offer-rest-length offer))
         (string-prefix-p typed text)
         (< (length typed) (length text))
         (substring text (length typed)))))

(defun devstral--clear ()
  "Take the suggestion off the screen, and forget it."
  (when devstral--overlay
    (delete-overlay devstral--overlay)
    (setq devstral--overlay nil))
  (when devstral--offer
    (set-marker (devstral--offer-start devstral--offer) nil)
    (set-marker (devstral--offer-end devstral--offer) nil)
    (setq devstral--offer nil)
    (run-hooks 'devstral-hidden-hook)))

(defun devstral-visible-p ()
  "Whether a suggestion is on the screen in this buffer."
  (and devstral--offer t))

(defun devstral--draw ()
  "Show what is left of the suggestion; clear it if nothing is."
  (let ((rest (and devstral--offer (devstral--rest devstral--offer))))
    (when (and rest (bound-and-true-p completion-preview-active-mode))
      (completion-preview-hide))
    (if (null rest)
        (devstral--clear)
      (let ((end (marker-position (devstral--offer-end devstral--offer)))
            ;; The cursor can stand on a character, and not on the end of a line.
            (text (propertize (if (string-prefix-p "\n" rest) (concat " " rest) rest)
                              'face 'devstral-ghost)))
        (put-text-property 0 1 'cursor t text)
        (unless devstral--overlay
          (setq devstral--overlay (make-overlay (point) end nil nil t)))
        (move-overlay devstral--overlay (point) end)
        (let ((replaces (< (point) end)))
          (overlay-put devstral--overlay 'display (and replaces text))
          (overlay-put devstral--overlay 'after-string (and (not replaces) text)))))))

(defun devstral--show (items index)
  "Show the suggestion INDEX of ITEMS, the server's answer."
  (devstral--clear)
  (let* ((range (plist-get (nth index items) :range))
         (start (eglot--lsp-position-to-point (plist-get range :start) t))
         (end (eglot--lsp-position-to-point (plist-get range :end) t)))
    (set-marker-insertion-type end t)
    (setq devstral--offer (make-devstral--offer :items items :index index :start start :end end
                                                :rest-length (- end (point))))
    (devstral--draw)
    (when devstral--offer
      (devstral--hide-next-edit)
      (devstral--tell :textDocument/didShowCompletion)
      (run-hooks 'devstral-shown-hook))))


;;;; The server

(defclass devstral-eglot-server (eglot-lsp-server) ()
  "A devstral-lsp that eglot has started.")

(cl-defmethod eglot-client-capabilities ((_server devstral-eglot-server))
  "What eglot can do, and two extensions: the status, and a review of edits."
  (plist-put (copy-sequence (cl-call-next-method)) :experimental
             '(:didChangeStatus t :devstralReview t)))

(cl-defmethod eglot-handle-notification
  (_server (_method (eql didChangeStatus)) &key kind message busy &allow-other-keys)
  "Take the server's status: KIND, MESSAGE, and whether it is BUSY."
  (devstral--new-status kind message (eq busy t)))

(defun devstral-contact (&rest _)
  "The contact of our server, for `eglot-server-programs'."
  (cons 'devstral-eglot-server devstral-command))

;;;###autoload
(defun devstral-eglot-setup (&rest modes)
  "Let eglot start devstral-lsp in buffers of MODES, with ghost text.
These are `devstral-eglot-modes' if there are none.  There is one server of
eglot's in a buffer, so no other one is used there."
  (add-to-list 'eglot-server-programs
               (cons (or modes devstral-eglot-modes) #'devstral-contact))
  (dolist (mode (or modes devstral-eglot-modes))
    (let ((hook (intern (format "%s-hook" mode))))
      (add-hook hook #'eglot-ensure)
      (add-hook hook #'devstral-mode))))

(defun devstral--server ()
  "The server of this buffer if it is eglot's and has ghost text, else nil."
  (and (eglot-managed-p)
       (eglot-server-capable :inlineCompletionProvider)
       (eglot-current-server)))

(declare-function completion-preview-hide "completion-preview")
(declare-function eglot--lsp-position-to-point "eglot")
(declare-function eglot--pos-to-lsp-position "eglot")
(declare-function eglot--signal-textDocument/didChange "eglot")
(declare-function eglot--TextDocumentIdentifier "eglot")
(declare-function eglot--VersionedTextDocumentIdentifier "eglot")

(defun devstral--ask (invoked receive)
  "Ask for suggestions at point, and give the items to RECEIVE.
INVOKED is non-nil if the user wants to see others.  An answer that comes after
the text or point have changed is dropped here; the server drops the work for
what a newer request supersedes."
  (eglot--signal-textDocument/didChange)
  (let ((buffer (current-buffer))
        (tick (buffer-chars-modified-tick))
        (place (point))
        (question (cl-incf devstral--question)))
    (jsonrpc-async-request
     (devstral--server) :textDocument/inlineCompletion
     (list :textDocument (eglot--TextDocumentIdentifier)
           :position (eglot--pos-to-lsp-position)
           :context (list :triggerKind (if invoked 1 2)))
     :success-fn
     (lambda (answer)
       (when (buffer-live-p buffer)
         (with-current-buffer buffer
           (when (and devstral-mode
                      (= question devstral--question)
                      (= tick (buffer-chars-modified-tick))
                      (= place (point)))
             (funcall receive (append (if (vectorp answer) answer (plist-get answer :items))
                                      nil))))))
     :error-fn #'ignore
     :timeout-fn #'ignore)))

(defun devstral--tell (method &rest more)
  "Tell the server by METHOD what has become of the item shown, and MORE."
  (let ((item (devstral--item devstral--offer)))
    (jsonrpc-notify (devstral--server) method
                    `(:item (:insertText ,(plist-get item :insertText)
                             :command ,(plist-get item :command))
                      ,@more))))

(defun devstral--execute (command &optional argument)
  "Have the server run COMMAND, with ARGUMENT if it is non-nil.
It is not waited for: the server tells by itself what comes of it."
  (let ((arguments (if argument (vector argument) [])))
    (cond ((eglot-managed-p)
           (eglot--signal-textDocument/didChange)
           (devstral--execute-in-eglot command arguments))
          ((bound-and-true-p lsp-managed-mode)
           (devstral--execute-in-lsp-mode command arguments))
          (t (user-error "No devstral-lsp runs in this buffer")))))

(defun devstral--execute-in-eglot (command arguments)
  "Send COMMAND with the vector ARGUMENTS through eglot."
  (jsonrpc-async-request (eglot-current-server) :workspace/executeCommand
                         (list :command command :arguments arguments)
                         :success-fn #'devstral--show-answer
                         :error-fn (cl-function
                                    (lambda (&key message &allow-other-keys)
                                      (message "Devstral: %s" message)))
                         :timeout-fn #'ignore))


(defun devstral--show-answer (answer)
  "Show the message of a command's ANSWER, if it has one."
  (let ((said (and (listp answer) (plist-get answer :message))))
    (when (stringp said)
      (message "Devstral: %s" said))))

(defun devstral--set-menu ()
  "Leave our suggestions out of `completion-at-point' where they are ghost text.
Else `completion-preview-mode', company and corfu would show them again."
  (kill-local-variable 'eglot-ignored-server-capabilities)
  (when (and devstral-mode (cl-typep (eglot-current-server) 'devstral-eglot-server))
    (setq-local eglot-ignored-server-capabilities
                (cons :completionProvider eglot-ignored-server-capabilities))))


;;;; Ghost text while typing

(defun devstral--after-command ()
  "Keep the suggestion as long as it agrees with the text, otherwise ask anew."
  (let* ((tick (buffer-chars-modified-tick))
         (is-changed (not (eql tick devstral--tick))))
    (when devstral--offer
      (devstral--draw))
    (when is-changed
      (setq devstral--tick tick)
      (unless (or devstral--offer (memq this-command '(undo undo-only undo-redo)))
        (devstral--ask-soon)))
    (devstral--follow-next-edit is-changed)))

(defun devstral--ask-soon ()
  "Ask once there has been no key for a while, in the place of what was planned."
  (when devstral--timer
    (cancel-timer devstral--timer))
  (setq devstral--timer
        (run-with-timer devstral-idle-delay nil #'devstral--ask-if-still
                        (current-buffer) (buffer-chars-modified-tick) (point))))

(defun devstral--ask-if-still (buffer tick place)
  "Ask if BUFFER is as it was at TICK, with point at PLACE."
  (when (buffer-live-p buffer)
    (with-current-buffer buffer
      (when (and devstral-mode
                 (eq buffer (window-buffer))
                 (= tick (buffer-chars-modified-tick))
                 (= place (point))
                 (not buffer-read-only)
                 (devstral--server))
        (devstral--ask nil (lambda (items) (when items (devstral--show items 0))))))))

(defun devstral-accept ()
  "Take the whole suggestion."
  (interactive)
  (let ((rest (devstral--rest-now))
        (command (plist-get (devstral--item devstral--offer) :command)))
    (delete-region (point) (devstral--offer-end devstral--offer))
    (devstral--clear)
    (insert rest)
    (run-hook-with-args 'devstral-accepted-functions rest)
    (when command
      (eglot--signal-textDocument/didChange)
      (devstral--execute-in-eglot (plist-get command :command)
                                  (plist-get command :arguments)))))

(defun devstral-accept-word ()
  "Take the next word of the suggestion."
  (interactive)
  (devstral--accept-part "[[:space:]]*\\(?:\\(?:\\w\\|_\\)+\\|[^[:space:]]\\)"))

(defun devstral-accept-line ()
  "Take the suggestion as far as the end of a line."
  (interactive)
  (devstral--accept-part "\n*.+"))

(defun devstral--accept-part (pattern)
  "Insert what PATTERN matches at the start of what is left."
  (let* ((rest (devstral--rest-now))
         (part (and (string-match (concat "\\`\\(?:" pattern "\\)") rest)
                    (match-string 0 rest))))
    (if (or (null part) (string= part rest))
        (devstral-accept)
      (insert part)
      (run-hook-with-args 'devstral-accepted-functions part)
      (devstral--tell :textDocument/didPartiallyAcceptCompletion
                      :acceptedLength (devstral--utf-16-length
                                       (devstral--offer-start devstral--offer) (point)))
      (devstral--draw))))

(defun devstral--utf-16-length (start end)
  "The length of the text from START to END in units of UTF-16."
  (/ (length (encode-coding-string (buffer-substring-no-properties start end) 'utf-16le)) 2))

(defun devstral--rest-now ()
  "What is left of the suggestion.  Signals an error if none is shown."
  (or (and devstral--offer (devstral--rest devstral--offer))
      (user-error "There is no suggestion")))

(defun devstral-next ()
  "Show another suggestion, fetching more if there is only one."
  (interactive)
  (devstral--turn 1))

(defun devstral-previous ()
  "Show the suggestion before this one."
  (interactive)
  (devstral--turn -1))

(defun devstral--turn (by)
  "Show the suggestion BY places further on."
  (devstral--rest-now)
  (let ((items (devstral--offer-items devstral--offer)))
    (if (cdr items)
        (devstral--show-of items (+ (devstral--offer-index devstral--offer) by))
      (devstral--fetch-others by t))))

(defun devstral--fetch-others (by again)
  "Ask for other suggestions and show the one BY places further on.
The server has others for who asks a second time at a place, and point may
have come here by typing what was shown: AGAIN is non-nil if it is worth a
second try."
  (devstral--ask t (lambda (items)
                     (cond ((cdr items) (devstral--show-of items by))
                           (again (devstral--fetch-others by nil))
                           (t (message "Devstral has no other suggestion"))))))

(defun devstral--show-of (items index)
  "Show the suggestion INDEX of ITEMS, counted in a circle, and say which it is."
  (let ((place (mod index (length items))))
    (devstral--show items place)
    (message "Suggestion %d of %d" (1+ place) (length items))))

(defun devstral-trigger ()
  "Ask for a suggestion at point, also where none would come while you type."
  (interactive)
  (unless (and devstral-mode (devstral--server))
    (user-error "No ghost text of devstral-lsp's in this buffer"))
  (devstral--ask t (lambda (items)
                     (if items
                         (devstral--show items 0)
                       (message "Devstral has no suggestion here")))))

(defun devstral-dismiss ()
  "Take the suggestion off the screen until the next key."
  (interactive)
  (cl-incf devstral--question)
  (devstral--clear))

(defconst devstral--tab
  '(menu-item "" devstral-accept
              :filter (lambda (command) (unless completion-in-region-mode command)))
  "Accepts, unless a menu of candidates is open, whose key it is then.")

(defvar-keymap devstral-ghost-map
  :doc "Keys while a suggestion is shown: what moves point otherwise takes a part."
  "TAB" devstral--tab
  "<tab>" devstral--tab
  "<remap> <forward-word>" #'devstral-accept-word
  "<remap> <move-end-of-line>" #'devstral-accept-line
  "<remap> <keyboard-quit>" #'devstral-dismiss
  "M-n" #'devstral-next
  "M-p" #'devstral-previous)

(defvar devstral--keymaps `((devstral--offer . ,devstral-ghost-map))
  "Before the keys of other modes, but only while there is a suggestion.")
(add-to-list 'emulation-mode-map-alists 'devstral--keymaps)

;;;; Next edits: where the change that was just made belongs as well

(defcustom devstral-next-edits t
  "Whether `devstral-mode' shows next edits."
  :type 'boolean)

(defface devstral-next-edit-old '((t :inherit diff-removed))
  "Face of text that a next edit would remove.")

(defface devstral-next-edit-new '((t :inherit diff-added))
  "Face of text that a next edit would put in.")

(defconst devstral--next-edit-delay 0.1
  "Seconds without a change before the server is asked for a next edit.")

(cl-defstruct (devstral--edit (:copier nil))
  "An edit: OLD, between the markers START and END, becomes NEW.
HEAD and TAIL are how much of both stays at their beginning and end.
COMMAND is what the server gave with it."
  start end old new head tail command)

(defvar-local devstral--next-edit nil
  "The next edit on the screen, nil if there is none.")
(defvar-local devstral--next-edit-overlay nil)
(defvar-local devstral--next-edit-timer nil)
(defvar-local devstral--next-edit-asked nil
  "What was asked last: (TICK LINE-START LEFT).
LEFT is non-nil once point has left that line, where a change is finished.")

(defun devstral--hide-next-edit ()
  "Take the next edit off the screen, and forget it and what was asked."
  (when devstral--next-edit-timer
    (cancel-timer devstral--next-edit-timer))
  (when devstral--next-edit-overlay
    (delete-overlay devstral--next-edit-overlay))
  (when devstral--next-edit
    (set-marker (devstral--edit-start devstral--next-edit) nil)
    (set-marker (devstral--edit-end devstral--next-edit) nil))
  (setq devstral--next-edit nil devstral--next-edit-overlay nil devstral--next-edit-timer nil))

(defun devstral--next-edit-fits-p ()
  "Whether the text is still what the next edit would change."
  (let ((start (marker-position (devstral--edit-start devstral--next-edit)))
        (end (marker-position (devstral--edit-end devstral--next-edit))))
    (and (<= start end)
         (equal (buffer-substring-no-properties start end)
                (devstral--edit-old devstral--next-edit)))))

(defun devstral--next-edit-place ()
  "Where the text of the next edit begins."
  (+ (devstral--edit-start devstral--next-edit) (devstral--edit-head devstral--next-edit)))

(defun devstral--next-edit-place-end ()
  "Where the text of the next edit ends."
  (- (devstral--edit-end devstral--next-edit) (devstral--edit-tail devstral--next-edit)))

(defun devstral--at-next-edit-p ()
  "Whether point is in the lines of the next edit."
  (<= (save-excursion (goto-char (devstral--next-edit-place)) (pos-bol))
      (point)
      (save-excursion (goto-char (devstral--next-edit-place-end)) (pos-eol))))

(defun devstral--next-edit-text ()
  "What the next edit puts in."
  (let ((new (devstral--edit-new devstral--next-edit)))
    (substring new (devstral--edit-head devstral--next-edit)
               (- (length new) (devstral--edit-tail devstral--next-edit)))))

(defun devstral--common (old new)
  "How much OLD and NEW have in common at both ends: (HEAD . TAIL).
No word is torn."
  (let* ((is-word (lambda (text at)
                    (and (< -1 at (length text))
                         (string-match-p "\\`[[:word:]_]" (substring text at (1+ at))))))
         (same (compare-strings old nil nil new nil nil))
         (head (if (eq same t) (length old) (1- (abs same))))
         (most (- (min (length old) (length new)) head))
         (tail 0))
    (when (or (funcall is-word old head) (funcall is-word new head))
      (while (funcall is-word old (1- head))
        (cl-decf head)))
    (while (and (< tail most)
                (eq (aref old (- (length old) tail 1)) (aref new (- (length new) tail 1))))
      (cl-incf tail))
    (when (or (funcall is-word old (- (length old) tail 1))
              (funcall is-word new (- (length new) tail 1)))
      (while (and (> tail 0) (funcall is-word old (- (length old) tail)))
        (cl-decf tail)))
    (cons head tail)))

(defun devstral--show-next-edit (edit)
  "Show EDIT, the server's answer, unless it is shown already."
  (let* ((range (plist-get edit :range))
         (start (eglot--lsp-position-to-point (plist-get range :start) t))
         (end (eglot--lsp-position-to-point (plist-get range :end) t))
         (old (buffer-substring-no-properties start end))
         (new (plist-get edit :text))
         (common (devstral--common old new)))
    (unless (and devstral--next-edit
                 (equal (plist-get edit :command) (devstral--edit-command devstral--next-edit))
                 (= start (devstral--edit-start devstral--next-edit)))
      (devstral--hide-next-edit)
      (set-marker-insertion-type start t)
      (set-marker-insertion-type end (= start end))
      (setq devstral--next-edit
            (make-devstral--edit :start start :end end :old old :new new :head (car common)
                                 :tail (cdr common) :command (plist-get edit :command)))
      (devstral--draw-next-edit)
      (jsonrpc-notify (devstral--server) :textDocument/didShowInlineEdit
                      (list :item (list :command (plist-get edit :command))))
      (unless (pos-visible-in-window-p (devstral--next-edit-place))
        (message "Next edit in line %d: TAB goes there"
                 (line-number-at-pos (devstral--next-edit-place)))))))

(defun devstral--draw-next-edit ()
  "Mark the text of the next edit, with the new text behind it, and an arrow."
  (let ((overlay (make-overlay (devstral--next-edit-place) (devstral--next-edit-place-end)))
        (arrow (propertize "»" 'display '(left-fringe right-arrow)))
        (text (propertize (devstral--next-edit-text) 'face 'devstral-next-edit-new)))
    (overlay-put overlay 'face 'devstral-next-edit-old)
    (when (display-graphic-p)
      (overlay-put overlay 'before-string arrow))
    (overlay-put overlay 'after-string text)
    (overlay-put overlay 'help-echo "Next edit: TAB goes there and makes it")
    (setq devstral--next-edit-overlay overlay)))

(defun devstral--follow-next-edit (is-changed)
  "Keep the next edit while it fits, and ask for one after a change.
IS-CHANGED is non-nil if the last command changed the text."
  (when (and devstral--next-edit
             (or devstral--offer (not (devstral--next-edit-fits-p))))
    (devstral--hide-next-edit))
  (pcase-let ((`(,tick ,line ,left) devstral--next-edit-asked))
    (cond ((not devstral-next-edits))
          (is-changed (devstral--ask-next-edit-soon))
          ((and (not left) (not devstral--next-edit)
                (eql tick (buffer-chars-modified-tick))
                (/= line (pos-bol)))
           (setq devstral--next-edit-asked (list tick line t))
           (devstral--ask-next-edit-soon)))))

(defun devstral--ask-next-edit-soon ()
  "Ask for a next edit in a moment, in the place of what was planned."
  (when devstral--next-edit-timer
    (cancel-timer devstral--next-edit-timer))
  (setq devstral--next-edit-timer
        (run-with-timer devstral--next-edit-delay nil #'devstral--ask-next-edit
                        (current-buffer))))

(defun devstral--ask-next-edit (buffer)
  "Ask for the next edit in BUFFER.  Ghost text wins over one."
  (when (and (buffer-live-p buffer) (eq buffer (window-buffer)))
    (with-current-buffer buffer
      (when (and devstral-mode (not devstral--offer) (not buffer-read-only) (devstral--server))
        (eglot--signal-textDocument/didChange)
        (let* ((tick (buffer-chars-modified-tick))
               (asked (list tick (pos-bol) (and (eql tick (car devstral--next-edit-asked))
                                                (nth 2 devstral--next-edit-asked)))))
          (setq devstral--next-edit-asked asked)
          (jsonrpc-async-request
           (devstral--server) :textDocument/copilotInlineEdit
           (list :textDocument (eglot--VersionedTextDocumentIdentifier)
                 :position (eglot--pos-to-lsp-position))
           :success-fn (lambda (answer) (devstral--receive-next-edit buffer asked answer))
           :error-fn #'ignore
           :timeout-fn #'ignore))))))

(defun devstral--receive-next-edit (buffer asked answer)
  "Show the edit of ANSWER in BUFFER.
ASKED is what was asked; it must be the last, and of the text as it is."
  (when (buffer-live-p buffer)
    (with-current-buffer buffer
      (when (and devstral-mode
                 (eq asked devstral--next-edit-asked)
                 (eql (car asked) (buffer-chars-modified-tick)))
        (let ((edit (elt (append (plist-get answer :edits) nil) 0)))
          (if (and edit (not devstral--offer))
              (devstral--show-next-edit edit)
            (devstral--hide-next-edit)))))))

(defun devstral-take-next-edit ()
  "Go to the next edit that is shown, or make it if point is there."
  (interactive)
  (unless devstral--next-edit
    (user-error "There is no next edit"))
  (let ((place (devstral--next-edit-place))
        (end (devstral--next-edit-place-end))
        (text (devstral--next-edit-text))
        (command (devstral--edit-command devstral--next-edit)))
    (if (not (devstral--at-next-edit-p))
        (progn (push-mark nil t)
               (goto-char place))
      (devstral--hide-next-edit)
      (undo-boundary)
      (goto-char place)
      (delete-region place end)
      (save-excursion (insert text))
      (eglot--signal-textDocument/didChange)
      (devstral--execute-in-eglot (plist-get command :command) (plist-get command :arguments)))))

(defun devstral-refuse-next-edit ()
  "Refuse the next edit that is shown, and its like.
They stay away until that change is made by hand once more."
  (interactive)
  (let ((command (and devstral--next-edit (devstral--edit-command devstral--next-edit))))
    (setq devstral--next-edit-asked nil)
    (devstral--hide-next-edit)
    (when command
      (devstral--execute-in-eglot "devstral.nextEdits.refused" (plist-get command :arguments)))))

(defvar company-candidates)
(defvar corfu--candidates)
(declare-function yas-active-snippets "ext:yasnippet")

(defun devstral--tab-for-next-edit (command)
  "COMMAND, unless something else has the key.
That is a menu, a snippet, a preview, the region or an empty line."
  (unless (or devstral--offer
              completion-in-region-mode
              (bound-and-true-p completion-preview-active-mode)
              (bound-and-true-p company-candidates)
              (bound-and-true-p corfu--candidates)
              (and (fboundp 'yas-active-snippets) (yas-active-snippets))
              (use-region-p)
              (and (not (devstral--at-next-edit-p))
                   (save-excursion (forward-line 0) (looking-at-p "[[:blank:]]*$"))))
    command))

(defun devstral--quit-for-next-edit (command)
  "COMMAND, unless ghost text, a menu or the region is what is to be quit."
  (unless (or devstral--offer completion-in-region-mode (use-region-p)
              (bound-and-true-p company-candidates)
              (bound-and-true-p corfu--candidates))
    command))

(defvar-keymap devstral-next-edit-map
  :doc "Keys while a next edit is shown."
  "TAB" '(menu-item "" devstral-take-next-edit :filter devstral--tab-for-next-edit)
  "<tab>" '(menu-item "" devstral-take-next-edit :filter devstral--tab-for-next-edit)
  "<escape>" '(menu-item "" devstral-refuse-next-edit :filter devstral--quit-for-next-edit)
  "<remap> <keyboard-quit>"
  '(menu-item "" devstral-refuse-next-edit :filter devstral--quit-for-next-edit))

(add-to-list 'devstral--keymaps `(devstral--next-edit . ,devstral-next-edit-map) t)


;;;; Keys at any time, and the mode

(defvar-keymap devstral-command-map
  :doc "Commands, for a key of your own or `devstral-keymap-prefix'."
  "SPC" #'devstral-trigger
  "r" #'devstral-rewrite
  "p" #'devstral-task
  "k" #'devstral-cancel
  "u" #'devstral-undo-last
  "a" #'devstral-show-again
  "t" #'devstral-toggle
  "z" #'devstral-snooze
  "s" #'devstral-status)

(defvar devstral-mode-map
  (let ((map (make-sparse-keymap)))
    (when devstral-keymap-prefix
      (keymap-set map devstral-keymap-prefix devstral-command-map))
    map)
  "Keys of `devstral-mode'.")

;;;###autoload
(define-minor-mode devstral-mode
  "Show what devstral-lsp suggests as ghost text, and its status in the mode line.
\\<devstral-ghost-map>While a suggestion is shown, \\[devstral-accept] takes it, \\[devstral-accept-word] a word of it,
\\[devstral-accept-line] a line; \\[devstral-next] shows another one, \\[devstral-dismiss] none.
In buffers of lsp-mode, the ghost text is lsp-mode's own."
  :lighter (:eval (devstral--lighter))
  (devstral--clear)
  (devstral--hide-next-edit)
  (setq devstral--tick (buffer-chars-modified-tick)
        devstral--next-edit-asked (list devstral--tick (pos-bol) nil))
  (devstral--set-menu)
  ;; Behind others that draw at point after a command.
  (if devstral-mode
      (progn (add-hook 'post-command-hook #'devstral--after-command 90 t)
             (add-hook 'eglot-managed-mode-hook #'devstral--set-menu nil t))
    (remove-hook 'post-command-hook #'devstral--after-command t)
    (remove-hook 'eglot-managed-mode-hook #'devstral--set-menu t)))


;;;; The status

(defvar devstral--status nil
  "What the server said of itself last: (KIND MESSAGE BUSY).")

(defvar devstral--outage nil
  "Non-nil while something is wrong, which is said once.")

(defun devstral--new-status (kind message busy)
  "Show that the status is KIND, as MESSAGE explains, and whether it is BUSY."
  (setq devstral--status (list kind message busy))
  (unless busy
    (let ((before devstral--outage))
      (setq devstral--outage (member kind '("Warning" "Error")))
      (when (and devstral--outage (not before))
        (message "Devstral: %s" message))))
  (force-mode-line-update t))

(defun devstral-status ()
  "Say what the server said of itself last, in full."
  (interactive)
  (pcase devstral--status
    (`(,kind ,message ,_) (message "Devstral: %s" (if (string-empty-p message) kind message)))
    (_ (message "Devstral: the server has not said anything yet"))))

(defun devstral--used (message)
  "Return the first amount of money or quota in MESSAGE, nil if there is none."
  (save-match-data
    (and (string-match "\\`Used: \\(.*?\\)\\(?:, \\|\\.\\'\\)" (or message ""))
         (concat " " (match-string 1 message)))))

(defun devstral--lighter ()
  "The mode line's part for `devstral-mode'."
  (pcase-let ((`(,kind ,message ,busy) devstral--status))
    (let ((sign (pcase kind ("Error" "!") ("Warning" "?") ("Inactive" "-") (_ ""))))
      (propertize (concat " Devstral" (if busy "…" sign) (devstral--used message))
                  'help-echo message
                  'face (pcase kind ("Error" 'error) ("Warning" 'warning))))))


;;;; Changing code in one's own words

;;;###autoload
(defun devstral-rewrite (start end instruction)
  "Rewrite the text from START to END by an INSTRUCTION.
Interactively that is the region, or what the server finds around point."
  (interactive (list (if (use-region-p) (region-beginning) (point))
                     (if (use-region-p) (region-end) (point))
                     (read-string "Rewrite: ")))
  (let ((place (devstral--range start end)))
    (devstral--execute "devstral.rewrite" `(,@place :instruction ,instruction))))

;;;###autoload
(defun devstral-task (instruction)
  "Change the whole project by an INSTRUCTION."
  (interactive "sApply across the project: ")
  (let ((uri (plist-get (devstral--range (point) (point)) :uri)))
    (devstral--execute "devstral.task" (list :instruction instruction :uri uri))))

;;;###autoload
(defun devstral-cancel ()
  "Cancel all work of the server's."
  (interactive)
  (devstral--execute "devstral.cancel"))

;;;###autoload
(defun devstral-undo-last ()
  "Take back the last edit of the server's, in all files."
  (interactive)
  (devstral--execute "devstral.undoLast"))

;;;###autoload
(defun devstral-why ()
  "Show why there was no suggestion, and what each stage did."
  (interactive)
  (devstral--execute "devstral.why"))

;;;###autoload
(defun devstral-show-prompt ()
  "Show what was last asked of a model, without secrets."
  (interactive)
  (devstral--execute "devstral.showPrompt"))

;;;###autoload
(defun devstral-show-again ()
  "Show the last change again that was discarded, or else the last one."
  (interactive)
  (devstral--execute "devstral.showAgain"))

;;;###autoload
(defun devstral-export-patch ()
  "Show what was discarded last, or else the last change, as a patch."
  (interactive)
  (devstral--execute "devstral.exportPatch"))

;;;###autoload
(defun devstral-show-transcript ()
  "Show what the last task asked of the model, and what it did."
  (interactive)
  (devstral--execute "devstral.showTranscript"))

;;;###autoload
(defun devstral-toggle (&optional here)
  "Switch suggestions off, or on again.
With a prefix argument HERE, do so in this file alone."
  (interactive "P")
  (devstral--execute "devstral.toggle"
                     (and here (list :uri (plist-get (devstral--range (point) (point)) :uri)))))

;;;###autoload
(defun devstral-toggle-language ()
  "Switch suggestions for the language of this buffer off, or on again."
  (interactive)
  (devstral--execute "devstral.toggle" (list :language (devstral--language))))

;;;###autoload
(defun devstral-snooze (minutes)
  "Have no suggestions for so many MINUTES unless asked for by hand.
0 ends that.  Interactively, an empty answer means until the server restarts."
  (interactive (list (read-string "Minutes (0 ends it, empty: until restart): " "15")))
  (let ((number (if (stringp minutes) (string-to-number minutes) minutes)))
    (devstral--execute "devstral.snooze"
                       (unless (equal minutes "") (list :minutes number)))))

(defun devstral--language ()
  "The name that the server has for the language of this buffer."
  (if (eglot-managed-p)
      (alist-get major-mode (eglot--languages (eglot-current-server)))
    (lsp-buffer-language)))

(declare-function eglot--languages "eglot")
(declare-function lsp-buffer-language "ext:lsp-mode")
(declare-function lsp--region-to-range "ext:lsp-mode")
(declare-function lsp--buffer-uri "ext:lsp-mode")

(defun devstral--range (start end)
  "The document of this buffer and the range from START to END, as LSP has them."
  (if (eglot-managed-p)
      (list :uri (plist-get (eglot--TextDocumentIdentifier) :uri)
            :range (list :start (eglot--pos-to-lsp-position start)
                         :end (eglot--pos-to-lsp-position end)))
    (unless (bound-and-true-p lsp-managed-mode)
      (user-error "No devstral-lsp runs in this buffer"))
    (list :uri (lsp--buffer-uri) :range (lsp--region-to-range start end))))


;;;; Looking at changes before they are made

(cl-defmethod eglot-handle-request
  (_server (_method (eql devstral/review)) &key question diff &allow-other-keys)
  "Show DIFF and ask the QUESTION."
  (devstral--review question diff))

(defun devstral--review (question diff)
  "Show DIFF in `diff-mode' while the user answers QUESTION; gives the answer.
\\<diff-mode-map>In the buffer of the diff, \\[diff-hunk-kill] leaves a hunk out."
  (let ((buffer (get-buffer-create "*Devstral changes*")))
    (with-current-buffer buffer
      (let ((inhibit-read-only t))
        (erase-buffer)
        (insert diff)
        (goto-char (point-min))
        (setq buffer-read-only t) ; before the mode, which then binds single keys
        (diff-mode)))
    (let ((window (display-buffer buffer '((display-buffer-pop-up-window)))))
      (unwind-protect
          (if (with-selected-window window (devstral--agrees-p question))
              (list :apply t
                    :diff (with-current-buffer buffer
                            (buffer-substring-no-properties (point-min) (point-max))))
            '(:apply :json-false))
        (when (window-live-p window)
          (quit-restore-window window 'kill))))))

(defun devstral--agrees-p (question)
  "Whether the user answers QUESTION by yes; with `e', after editing the diff."
  (pcase (condition-case nil
             (car (read-multiple-choice
                   question
                   '((?y "apply" "Make these changes")
                     (?n "discard" "Make none of them")
                     (?e "edit" "Leave hunks out first: k kills one, C-M-c goes on"))))
           (quit ?n))
    (?y t)
    (?e (condition-case nil
            (progn (message "k leaves a hunk out, C-M-c goes on, C-] discards")
                   (recursive-edit)
                   (devstral--agrees-p question))
          (quit nil)))))


;;;; lsp-mode

(declare-function lsp-find-workspace "ext:lsp-mode")
(declare-function lsp-register-client "ext:lsp-mode")
(declare-function lsp-request-async "ext:lsp-mode")
(declare-function lsp-stdio-connection "ext:lsp-mode")
(declare-function make-lsp-client "ext:lsp-mode")
(defvar lsp--cur-workspace)
(defvar lsp-inline-completion-active-map)

(defun devstral--execute-in-lsp-mode (command arguments)
  "Send COMMAND with the vector ARGUMENTS through lsp-mode, to our server alone."
  (let ((lsp--cur-workspace (or (lsp-find-workspace 'devstral (buffer-file-name))
                                (user-error "No devstral-lsp runs in this buffer"))))
    (lsp-request-async "workspace/executeCommand"
                       (list :command command :arguments arguments)
                       #'devstral--show-answer-in-lsp-mode
                       :mode 'detached)))

(defun devstral--member (key object)
  "The member KEY of a JSON OBJECT, in either form that lsp-mode has for one."
  (cond ((hash-table-p object) (gethash key object))
        ((listp object) (plist-get object (intern (concat ":" key))))))

(defun devstral--show-answer-in-lsp-mode (answer)
  "Show the message of a command's ANSWER, if it has one."
  (devstral--show-answer (list :message (devstral--member "message" answer))))

(defun devstral--status-in-lsp-mode (_workspace params)
  "Take the server's status from PARAMS."
  (devstral--new-status (devstral--member "kind" params) (devstral--member "message" params)
                        (eq (devstral--member "busy" params) t)))

(defun devstral--review-in-lsp-mode (_workspace params)
  "Show the diff of PARAMS and ask its question."
  (devstral--review (devstral--member "question" params) (devstral--member "diff" params)))

(defun devstral--register-in-lsp-mode ()
  "Tell lsp-mode of the server, which is for use beside the language's own."
  (let ((heard (make-hash-table :test #'equal))
        (asked (make-hash-table :test #'equal)))
    (puthash "didChangeStatus" #'devstral--status-in-lsp-mode heard)
    (puthash "devstral/review" #'devstral--review-in-lsp-mode asked)
    (lsp-register-client
     (make-lsp-client :new-connection (lsp-stdio-connection (lambda () devstral-command))
                      :activation-fn (lambda (&rest _) t)
                      :add-on? t
                      :priority -1
                      :server-id 'devstral
                      :notification-handlers heard
                      :request-handlers asked
                      :custom-capabilities '((experimental . ((didChangeStatus . t)
                                                              (devstralReview . t))))))))

(with-eval-after-load 'lsp-mode
  (devstral--register-in-lsp-mode))

;; Its own key, C-<return>, does not exist on a terminal.
(with-eval-after-load 'lsp-inline-completion
  (keymap-set lsp-inline-completion-active-map "TAB" 'lsp-inline-completion-accept))

(provide 'devstral)
;;; devstral.el ends here
