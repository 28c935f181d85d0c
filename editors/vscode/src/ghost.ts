// Ghost text beyond what the language client does: asking again when the server says that an
// answer came too late, and telling the server what was shown and what was accepted in part.
//
// VS Code cancels a request about 0.7 s after it was sent where the cursor stands at a word's end,
// and does not ask again. The server goes on all the same and sends `devstral/inlineCompletionReady`.

import * as vscode from "vscode";
import type { LanguageClient, Middleware } from "vscode-languageclient/node";

/** What the server sends as `devstral/inlineCompletionReady`. */
export interface Ready {
  readonly textDocument: { readonly uri: string; readonly version: number };
  readonly position: { readonly line: number; readonly character: number };
}

/** A suggestion on the screen; `rest` is what of it has not been typed. */
interface Shown {
  readonly document: vscode.TextDocument;
  readonly item: vscode.InlineCompletionItem;
  readonly start: vscode.Position;
  readonly text: string;
  rest: string;
}

export class Ghost implements vscode.Disposable {
  private askedAgain: string | undefined;
  private shown: Shown | undefined;
  private readonly showing = new vscode.EventEmitter<void>();
  /** Another suggestion is on the screen. */
  readonly onDidShow = this.showing.event;
  private readonly listening: vscode.Disposable;

  constructor(
    private readonly client: () => LanguageClient | undefined,
    private readonly snoozed: () => boolean,
  ) {
    this.listening = vscode.workspace.onDidChangeTextDocument((change) => this.changed(change));
  }

  /** What the language client calls for each request of the editor's. */
  readonly provide: NonNullable<Middleware["provideInlineCompletionItems"]> = async (
    document,
    position,
    context,
    token,
    next,
  ) => {
    // The server would give nothing either.
    const automatic = vscode.InlineCompletionTriggerKind.Automatic;
    if (this.snoozed() && context.triggerKind === automatic) return null;
    const again = this.askedAgain === placeOf(document, position);
    this.askedAgain = undefined;
    // The user pressed no key for it: further suggestions would be fetched for one who does.
    const asked = again ? { ...context, triggerKind: automatic } : context;
    const given = await next(document, position, asked, token);
    const items = Array.isArray(given) ? given : (given?.items ?? []);
    if (items[0] && !token.isCancellationRequested) this.show(document, position, items[0]);
    return given;
  };

  /** Whether a suggestion stands at the cursor, or stood there until Escape hid it. */
  isVisibleIn({ document, selection }: vscode.TextEditor): boolean {
    const { shown } = this;
    if (!shown?.rest || document !== shown.document) return false;
    const typed = document.getText(new vscode.Range(shown.start, selection.active));
    return typed.replaceAll("\r\n", "\n") + shown.rest === shown.text;
  }

  /** The server has an answer now: let VS Code ask again, if the cursor is still there. */
  async ready(told: Ready): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const cursor = editor?.selection.active;
    const uri = editor && this.client()?.code2ProtocolConverter.asUri(editor.document.uri);
    if (!editor || !cursor || uri !== told.textDocument.uri) return;
    if (editor.document.version !== told.textDocument.version) return;
    if (cursor.line !== told.position.line || cursor.character !== told.position.character) return;
    // What is shown stays on top, whatever comes after it; so it makes room first.
    if (this.shown) await vscode.commands.executeCommand("editor.action.inlineSuggest.hide");
    this.askedAgain = placeOf(editor.document, cursor);
    await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
  }

  dispose(): void {
    this.listening.dispose();
    this.showing.dispose();
  }

  private show(
    document: vscode.TextDocument,
    position: vscode.Position,
    item: vscode.InlineCompletionItem,
  ): void {
    if (typeof item.insertText !== "string" || !item.command) return;
    const start = item.range?.start ?? position;
    const typed = document.getText(new vscode.Range(start, position));
    const rest = item.insertText.slice(typed.length);
    this.shown = { document, item, start, text: item.insertText, rest };
    this.showing.fire();
    this.tell("textDocument/didShowCompletion", {});
  }

  /** Follow what becomes of the suggestion: several characters of it at once were accepted. */
  private changed(change: vscode.TextDocumentChangeEvent): void {
    const { shown } = this;
    const [edit, ...others] = change.contentChanges;
    if (!shown || !edit || change.document !== shown.document) return;
    const inserted = edit.text.replaceAll("\r\n", "\n");
    if (others.length || edit.rangeLength || !shown.rest.startsWith(inserted)) {
      this.shown = undefined; // typed against, or accepted whole, which the item's command tells
      return;
    }
    shown.rest = shown.rest.slice(inserted.length);
    const acceptedLength = shown.text.length - shown.rest.length;
    if (inserted.length > 1)
      this.tell("textDocument/didPartiallyAcceptCompletion", { acceptedLength });
  }

  private tell(method: string, more: object): void {
    const { insertText, command } = this.shown?.item ?? {};
    void this.client()?.sendNotification(method, { item: { insertText, command }, ...more });
  }
}

function placeOf(document: vscode.TextDocument, position: vscode.Position): string {
  return `${document.version} ${position.line} ${position.character} ${document.uri.toString()}`;
}
