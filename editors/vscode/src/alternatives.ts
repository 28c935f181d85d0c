// Alternatives to a suggestion, side by side in a document of their own, each with a button.

import * as path from "node:path";
import * as vscode from "vscode";
import { l10n } from "vscode";
import { type LanguageClient, ProgressType, type Range } from "vscode-languageclient/node";

const SCHEME = "devstral-alternatives";
const METHOD = "textDocument/copilotPanelCompletion";
const PARTS = new ProgressType<{ readonly items: readonly Item[] }>();
const PAUSE_MS = 50;

interface Item {
  readonly insertText: string;
  readonly range: Range;
  readonly command?: { readonly command: string; readonly arguments?: readonly unknown[] };
}

/** What is shown, and the text that it is for. */
interface Panel {
  readonly uri: vscode.Uri;
  readonly source: vscode.TextDocument;
  readonly version: number;
  readonly client: LanguageClient;
  readonly items: Item[];
  isDone: boolean;
}

export class Alternatives implements vscode.TextDocumentContentProvider, vscode.CodeLensProvider {
  private panel: Panel | undefined;
  private cancelling: vscode.CancellationTokenSource | undefined;
  private readonly change = new vscode.EventEmitter<vscode.Uri>();
  private readonly lensChange = new vscode.EventEmitter<void>();
  readonly onDidChange = this.change.event;
  readonly onDidChangeCodeLenses = this.lensChange.event;

  register(): vscode.Disposable {
    return vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.languages.registerCodeLensProvider({ scheme: SCHEME }, this),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document.uri.scheme === SCHEME) this.cancelling?.cancel();
      }),
      this.change,
      this.lensChange,
    );
  }

  /** Ask for alternatives at the cursor, and show each as it comes. */
  async show(client: LanguageClient): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor || editor.document.uri.scheme === SCHEME) return;
    const { document } = editor;
    this.cancelling?.cancel();
    const cancelling = new vscode.CancellationTokenSource();
    this.cancelling = cancelling;
    // By the ending of its name it has the language of the source.
    const name = `/Alternatives${path.extname(document.fileName)}`;
    const uri = vscode.Uri.from({ scheme: SCHEME, path: name });
    const { version } = document;
    const panel: Panel = { uri, source: document, version, client, items: [], isDone: false };
    this.panel = panel;
    const position = client.code2ProtocolConverter.asPosition(editor.selection.active);
    const partialResultToken = `alternatives-${Date.now()}`;
    const more = (items: readonly Item[]) => {
      panel.items.push(...items);
      if (this.panel === panel) this.redraw(uri);
    };
    const hearing = client.onProgress(PARTS, partialResultToken, (part) => more(part.items));
    await this.open(uri);
    try {
      const textDocument = { uri: client.code2ProtocolConverter.asUri(document.uri) };
      const params = { textDocument, position, partialResultToken };
      const answer = await client.sendRequest<{ items: readonly Item[] }>(
        METHOD,
        params,
        cancelling.token,
      );
      more(answer.items);
    } catch (error) {
      if (!cancelling.token.isCancellationRequested) throw error;
    } finally {
      hearing.dispose();
      panel.isDone = true;
      if (this.panel === panel) this.redraw(uri);
    }
  }

  provideTextDocumentContent(): string {
    const { panel } = this;
    if (!panel) return "";
    if (!panel.items.length)
      return `${panel.isDone ? l10n.t("No alternatives here.") : l10n.t("Asking …")}\n`;
    return panel.items.map((item) => `${item.insertText}\n`).join("\n\n");
  }

  provideCodeLenses(): vscode.CodeLens[] {
    let line = 0;
    return (this.panel?.items ?? []).map((item, index) => {
      const place = new vscode.Range(line, 0, line, 0);
      line += item.insertText.split("\n").length + 2;
      const command = { title: l10n.t("Use this"), command: "devstral-lsp.useAlternative" };
      return new vscode.CodeLens(place, { ...command, arguments: [index] });
    });
  }

  /** Put an alternative into the document it was asked for, unless that has changed since. */
  async use(index: number): Promise<void> {
    const { panel } = this;
    const item = panel?.items[index];
    if (!panel || !item) return;
    if (panel.source.isClosed || panel.source.version !== panel.version) {
      const sentence = l10n.t(
        "The text has been edited since. Nothing has been changed: ask again.",
      );
      return void vscode.window.showWarningMessage(`Devstral: ${sentence}`);
    }
    const edit = new vscode.WorkspaceEdit();
    const range = panel.client.protocol2CodeConverter.asRange(item.range);
    edit.replace(panel.source.uri, range, item.insertText);
    await this.close(panel.uri);
    const editor = await vscode.window.showTextDocument(panel.source);
    await vscode.workspace.applyEdit(edit);
    const lines = item.insertText.split("\n");
    const last = lines.at(-1)?.length ?? 0;
    const end = new vscode.Position(
      range.start.line + lines.length - 1,
      lines.length > 1 ? last : range.start.character + last,
    );
    editor.selection = new vscode.Selection(end, end);
    const { command } = item;
    if (command)
      await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
  }

  private async open(uri: vscode.Uri): Promise<void> {
    const document = await vscode.workspace.openTextDocument(uri);
    const viewColumn = vscode.ViewColumn.Beside;
    await vscode.window.showTextDocument(document, { viewColumn, preserveFocus: true });
    this.redraw(uri);
  }

  private async close(uri: vscode.Uri): Promise<void> {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const ours = tabs.filter(
      (tab) =>
        tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri.toString(),
    );
    await vscode.window.tabGroups.close(ours);
  }

  private redraw(uri: vscode.Uri): void {
    this.change.fire(uri);
    setTimeout(() => this.lensChange.fire(), PAUSE_MS);
  }
}
