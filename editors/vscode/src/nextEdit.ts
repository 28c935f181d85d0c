// Next edits: where the change that was just made belongs as well, shown there.
//
// The server is asked after each change, and only its newest answer counts. No stable API shows an
// edit away from the cursor, so it is drawn as decorations. Tab and Escape are bound while the
// context key says that an edit is shown; package.json says beside what else they are not.

import * as vscode from "vscode";
import { l10n } from "vscode";
import type { LanguageClient, Range } from "vscode-languageclient/node";
import { DOCUMENTS } from "./client";
import type { Ghost } from "./ghost";

const INLINE_EDIT = "textDocument/copilotInlineEdit";
const DID_SHOW = "textDocument/didShowInlineEdit";
const REFUSED = "devstral.nextEdits.refused";
/** "" without an edit, "tab" where Tab goes to it or makes it, "shown" where Tab indents. */
const CONTEXT_KEY = "devstral.nextEdit";
const DEBOUNCE_MS = 100;
/** Characters of lines to come that are drawn behind a line; the hover has all of them. */
const MAX_DRAWN = 120;

interface Answer {
  readonly text: string;
  readonly range: Range;
  readonly command: { readonly command: string; readonly arguments: readonly string[] };
}

interface Shown {
  readonly document: vscode.TextDocument;
  readonly command: Answer["command"];
  readonly text: string;
  /** Moves along with edits above it. */
  range: vscode.Range;
  /** The lines of `range`, as they must still be. */
  readonly around: readonly string[];
  /** How many of them come before those that change. */
  readonly skipped: number;
  /** The lines that change, and what they become. */
  readonly old: readonly string[];
  readonly new: readonly string[];
}

/** A state of a document, and where the cursor was when the server was asked about it. */
interface Asked {
  readonly document: vscode.TextDocument;
  readonly version: number;
  readonly position: vscode.Position;
  /** Whether the cursor has left the word at `position` since. */
  readonly isLeft: boolean;
}

const DRAWN = ["arrow", "block", "old", "new"] as const;
type Drawn<T> = Record<(typeof DRAWN)[number], T>;

export class NextEdit implements vscode.Disposable {
  private shown: Shown | undefined;
  private asked: Asked | undefined;
  private cancelling: vscode.CancellationTokenSource | undefined;
  private timer: NodeJS.Timeout | undefined;
  private contextKey = "";
  private readonly decorations: Drawn<vscode.TextEditorDecorationType>;
  private readonly listening: vscode.Disposable;

  constructor(
    private readonly client: () => LanguageClient | undefined,
    private readonly ghost: Ghost,
    arrow: string,
  ) {
    const decoration = vscode.window.createTextEditorDecorationType;
    const colour = (name: string) => new vscode.ThemeColor(name);
    this.decorations = {
      arrow: decoration({
        gutterIconPath: arrow,
        gutterIconSize: "contain",
        overviewRulerColor: colour("editorInfo.foreground"),
      }),
      block: decoration({}),
      old: decoration({ backgroundColor: colour("diffEditor.removedTextBackground") }),
      new: decoration({}),
    };
    this.listening = vscode.Disposable.from(
      ...Object.values(this.decorations),
      ghost.onDidShow(() => this.clear()),
      vscode.workspace.onDidChangeTextDocument((change) => this.changed(change)),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.clear();
        this.askSoon();
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.moved(textEditor)),
      vscode.window.onDidChangeTextEditorVisibleRanges(() => this.draw()),
    );
  }

  /** Go to the edit that is shown, or make it if the cursor is there. */
  async take(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const { shown } = this;
    if (!shown || !editor || editor.document !== shown.document) return;
    const place = placeOf(shown);
    if (isAt(shown, editor.selection.active)) {
      this.hide();
      const isMade = await editor.edit((builder) => {
        for (const { range, text } of pieces(shown)) builder.replace(range, text);
      });
      if (!isMade) return;
      const { command, arguments: args } = shown.command;
      await vscode.commands.executeCommand(command, ...args);
    }
    editor.selection = new vscode.Selection(place, place);
    const inSight = vscode.TextEditorRevealType.InCenterIfOutsideViewport;
    editor.revealRange(editor.selection, inSight);
  }

  /** Refuse the edit that is shown, and its like, until the change is made by hand once more. */
  async refuse(): Promise<void> {
    const { shown } = this;
    this.clear();
    if (shown) await vscode.commands.executeCommand(REFUSED, ...shown.command.arguments);
  }

  /** Forget what is shown and what was asked. */
  clear(): void {
    clearTimeout(this.timer);
    this.cancelling?.cancel();
    this.hide();
  }

  dispose(): void {
    this.clear();
    this.listening.dispose();
  }

  private changed({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (!contentChanges.length) return;
    const { shown } = this;
    if (shown?.document === document) {
      const { start, end } = shown.range;
      const lines = contentChanges
        .filter(({ range }) => range.end.isBeforeOrEqual(start))
        .map(({ range, text }) => text.split("\n").length - 1 - (range.end.line - range.start.line))
        .reduce((sum, each) => sum + each, 0);
      shown.range = new vscode.Range(start.translate(lines), end.translate(lines));
      this.draw();
    }
    if (document === vscode.window.activeTextEditor?.document) this.askSoon();
  }

  /** The cursor moved. Where it has left the word of a change, that change is finished. */
  private moved(editor: vscode.TextEditor): void {
    if (editor !== vscode.window.activeTextEditor) return;
    this.draw();
    const { asked, shown } = this;
    const { document, selection } = editor;
    if (shown || !asked || asked.isLeft || asked.document !== document) return;
    if (asked.version !== document.version || selection.active.isEqual(asked.position)) return;
    if (document.getWordRangeAtPosition(asked.position)?.contains(selection.active)) return;
    this.asked = { ...asked, isLeft: true };
    this.askSoon();
  }

  private askSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), DEBOUNCE_MS);
  }

  private async ask(): Promise<void> {
    const client = this.client();
    const editor = vscode.window.activeTextEditor;
    this.cancelling?.cancel();
    if (!client?.isRunning() || !editor || this.ghost.isVisibleIn(editor)) return;
    const { document } = editor;
    if (!vscode.languages.match(DOCUMENTS, document)) return;
    const cancelling = new vscode.CancellationTokenSource();
    this.cancelling = cancelling;
    const { version } = document;
    const position = editor.selection.active;
    const before = this.asked;
    const isSame = before?.document === document && before.version === version;
    this.asked = { document, version, position, isLeft: isSame && before.isLeft };
    const convert = client.code2ProtocolConverter;
    const textDocument = { uri: convert.asUri(document.uri), version };
    const params = { textDocument, position: convert.asPosition(position) };
    let edit: Answer | undefined;
    try {
      const answer = client.sendRequest<{ edits: Answer[] }>(INLINE_EDIT, params, cancelling.token);
      edit = (await answer).edits[0];
    } catch {
      return; // cancelled, or the server has stopped or is an older one: there is no edit
    }
    if (cancelling.token.isCancellationRequested || version !== document.version) return;
    if (editor !== vscode.window.activeTextEditor) return;
    if (edit && !this.ghost.isVisibleIn(editor)) this.show(client, document, edit);
    else this.hide();
  }

  private show(client: LanguageClient, document: vscode.TextDocument, edit: Answer): void {
    const range = client.protocol2CodeConverter.asRange(edit.range);
    const { command } = edit;
    const isSame = this.shown?.command.arguments[0] === command.arguments[0];
    if (isSame && this.shown?.range.isEqual(range)) return;
    const lines = changedLines(document, range, edit);
    this.shown = { document, command, range, text: edit.text, ...lines };
    this.draw();
    void client.sendNotification(DID_SHOW, { item: { command } });
  }

  private hide(): void {
    this.shown = undefined;
    this.draw();
  }

  /** Draw the edit, or nothing if there is none or its lines are not what they were. */
  private draw(): void {
    if (this.shown && !fits(this.shown)) this.shown = undefined;
    const { shown } = this;
    for (const editor of vscode.window.visibleTextEditors) {
      const isHere = shown !== undefined && editor.document === shown.document;
      const drawing = isHere ? drawingOf(shown, editor) : undefined;
      for (const name of DRAWN)
        editor.setDecorations(this.decorations[name], drawing?.[name] ?? []);
    }
    this.setContextKey();
  }

  private setContextKey(): void {
    const editor = vscode.window.activeTextEditor;
    let key = "";
    if (this.shown && editor?.document === this.shown.document) {
      const { active } = editor.selection;
      const isBlank = editor.document.lineAt(active).isEmptyOrWhitespace;
      key = isBlank && !isAt(this.shown, active) ? "shown" : "tab";
    }
    if (key === this.contextKey) return;
    this.contextKey = key;
    void vscode.commands.executeCommand("setContext", CONTEXT_KEY, key);
  }
}

/** The lines that an edit changes, and what they become, without those that stay. */
function changedLines(
  document: vscode.TextDocument,
  range: vscode.Range,
  edit: Answer,
): Pick<Shown, "around" | "skipped" | "old" | "new"> {
  const around = linesOf(document, range.start.line, range.end.line);
  const before = around[0]?.slice(0, range.start.character) ?? "";
  const after = around.at(-1)?.slice(range.end.character) ?? "";
  const old = [...around];
  const becoming = `${before}${edit.text}${after}`.split(/\r\n?|\n/);
  while (old.length && becoming.length && old.at(-1) === becoming.at(-1)) {
    old.pop();
    becoming.pop();
  }
  let skipped = 0;
  while (old.length && becoming.length && old[0] === becoming[0]) {
    old.shift();
    becoming.shift();
    skipped += 1;
  }
  return { around, skipped, old, new: becoming };
}

function linesOf(document: vscode.TextDocument, first: number, last: number): string[] {
  const end = Math.min(last, document.lineCount - 1);
  return Array.from({ length: end - first + 1 }, (_, at) => document.lineAt(first + at).text);
}

function fits({ document, range, around }: Shown): boolean {
  const lines = linesOf(document, range.start.line, range.end.line);
  return lines.length === around.length && lines.every((line, at) => line === around[at]);
}

function firstLine(shown: Shown): number {
  return shown.range.start.line + shown.skipped;
}

function isPaired(shown: Shown): boolean {
  return shown.old.length === shown.new.length;
}

/** Whether a position is in the lines that change. */
function isAt(shown: Shown, { line }: vscode.Position): boolean {
  const first = firstLine(shown);
  return line >= first && line <= first + Math.max(shown.old.length - 1, 0);
}

/** Where the first change is. */
function placeOf(shown: Shown): vscode.Position {
  const [old = "", becoming = ""] = [shown.old[0], shown.new[0]];
  const line = Math.min(firstLine(shown), shown.document.lineCount - 1);
  return new vscode.Position(line, common(old, becoming)[0]);
}

/** How many characters two lines have in common at their beginning and at their end, without
 * tearing words: a character beyond ASCII counts as one of a word. */
function common(old: string, becoming: string): [number, number] {
  const isWord = (text: string, at: number) => /[\w\u0080-\uffff]/.test(text.charAt(at));
  const most = Math.min(old.length, becoming.length);
  let head = 0;
  while (head < most && old[head] === becoming[head]) head += 1;
  if (isWord(old, head) || isWord(becoming, head))
    while (head > 0 && isWord(old, head - 1)) head -= 1;
  let tail = 0;
  const last = (text: string) => text.length - tail - 1;
  while (tail < most - head && old[last(old)] === becoming[last(becoming)]) tail += 1;
  const isTorn = (text: string) => last(text) >= head && isWord(text, last(text));
  if (isTorn(old) || isTorn(becoming)) while (tail > 0 && isWord(old, old.length - tail)) tail -= 1;
  return [head, tail];
}

/** The text edits that make it: as little as changes where lines become as many others. */
function pieces(shown: Shown): { range: vscode.Range; text: string }[] {
  if (!isPaired(shown)) return [{ range: shown.range, text: shown.text }];
  return shown.old.flatMap((old, index) => {
    const becoming = shown.new[index] ?? "";
    if (old === becoming) return [];
    const [head, tail] = common(old, becoming);
    const line = firstLine(shown) + index;
    const range = new vscode.Range(line, head, line, old.length - tail);
    return [{ range, text: becoming.slice(head, becoming.length - tail) }];
  });
}

/** What is drawn of an edit, by the name of the decoration. */
function drawingOf(shown: Shown, editor: vscode.TextEditor): Drawn<vscode.DecorationOptions[]> {
  const { document } = shown;
  const first = placeOf(shown).line;
  const last = Math.min(first + Math.max(shown.old.length, 1), document.lineCount) - 1;
  const block = new vscode.Range(first, 0, last, document.lineAt(last).text.length);
  const parts = isPaired(shown) ? pieces(shown) : linePieces(shown);
  const tab = " ".repeat(Number(editor.options.tabSize) || 4);
  const drawn = parts.flatMap(({ range, text }) => {
    if (!text) return [];
    const contentText = text.replaceAll("\t", tab).replaceAll(" ", "\u00a0");
    const backgroundColor = new vscode.ThemeColor("diffEditor.insertedTextBackground");
    const after = { contentText, backgroundColor };
    return { range: new vscode.Range(range.end, range.end), renderOptions: { after } };
  });
  return {
    arrow: [{ range: new vscode.Range(first, 0, first, 0) }],
    block: [{ range: block, hoverMessage: hover(shown) }],
    old: parts.filter(({ range }) => !range.isEmpty).map(({ range }) => ({ range })),
    new: [...drawn, ...hint(editor, first)],
  };
}

/** The lines that go, and those that come, written behind the line that they follow. */
function linePieces(shown: Shown): { range: vscode.Range; text: string }[] {
  const { document, old } = shown;
  const first = firstLine(shown);
  const going = old.map((line, index) => ({
    range: new vscode.Range(first + index, 0, first + index, line.length),
    text: "",
  }));
  if (!shown.new.length) return going;
  const coming = shown.new.map((line) => `⏎ ${line.trimEnd()}`).join(" ");
  const text = coming.length > MAX_DRAWN ? `${coming.slice(0, MAX_DRAWN)}…` : coming;
  const above = document.lineAt(Math.max(first + old.length - 1, 0)).range.end;
  return [...going, { range: new vscode.Range(above, above), text: ` ${text}` }];
}

function hover(shown: Shown): vscode.MarkdownString {
  const removed = shown.old.map((line) => `- ${line}`);
  const added = shown.new.map((line) => `+ ${line}`);
  const diff = new vscode.MarkdownString();
  diff.appendCodeblock([...removed, ...added].join("\n"), "diff");
  return diff.appendText(l10n.t("Next edit: Tab goes there and makes it, Escape refuses it."));
}

/** Says behind the cursor's line where the edit is, if that place is not on the screen. */
function hint(editor: vscode.TextEditor, line: number): vscode.DecorationOptions[] {
  const place = new vscode.Position(line, 0);
  if (editor.visibleRanges.some((each) => each.contains(place))) return [];
  const color = new vscode.ThemeColor("editorGhostText.foreground");
  const contentText = `  → next edit in line ${line + 1}`.replaceAll(" ", "\u00a0");
  const { end } = editor.document.lineAt(editor.selection.active).range;
  return [{ range: new vscode.Range(end, end), renderOptions: { after: { contentText, color } } }];
}
