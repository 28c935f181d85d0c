// The item in the status bar, and what its menu offers.

import * as vscode from "vscode";

/** What the server sends as `didChangeStatus`. */
export interface Status {
  readonly kind: "Normal" | "Warning" | "Error" | "Inactive";
  readonly message: string;
  readonly busy: boolean;
}

const ICONS = { Normal: "sparkle", Warning: "warning", Error: "error", Inactive: "circle-slash" };
const MINUTE_MS = 60_000;

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    "devstral-lsp.status",
    vscode.StatusBarAlignment.Right,
    100,
  );
  private status: Status = { kind: "Inactive", message: "The server is not running.", busy: false };
  private waking: NodeJS.Timeout | undefined;

  constructor() {
    this.item.name = "Devstral";
    this.item.command = "devstral-lsp.menu";
    this.draw();
    this.item.show();
  }

  get snoozed(): boolean {
    return this.waking !== undefined;
  }

  get message(): string {
    return this.snoozed ? "Snoozed: nothing is asked or shown." : this.status.message;
  }

  update(status: Status): void {
    this.status = status;
    this.draw();
  }

  /** Show nothing for so many minutes; none wakes up at once. */
  snooze(minutes: number): void {
    clearTimeout(this.waking);
    this.waking = minutes ? setTimeout(() => this.snooze(0), minutes * MINUTE_MS) : undefined;
    this.draw();
  }

  dispose(): void {
    clearTimeout(this.waking);
    this.item.dispose();
  }

  private draw(): void {
    const { kind, busy } = this.status;
    const icon = this.snoozed ? "bell-slash" : busy ? "loading~spin" : ICONS[kind];
    this.item.text = `$(${icon}) Devstral`;
    this.item.tooltip = this.message || "Devstral is ready.";
    const word = this.snoozed ? "snoozed" : busy ? "busy" : kind.toLowerCase();
    this.item.accessibilityInformation = { label: `Devstral, ${word}. ${this.message}` };
    const background = { Error: "errorBackground", Warning: "warningBackground" }[kind as string];
    this.item.backgroundColor =
      background && !this.snoozed
        ? new vscode.ThemeColor(`statusBarItem.${background}`)
        : undefined;
  }
}

interface Choice extends vscode.QuickPickItem {
  readonly command: string;
}

/** Ask what to do, and do it. */
export async function showMenu(status: StatusItem, language: string | undefined): Promise<void> {
  const off = language !== undefined && disabledLanguages().includes(language);
  const choices: (Choice | false)[] = [
    { label: "$(edit) Rewrite…", command: "rewrite" },
    { label: "$(files) Apply across the project…", command: "task" },
    { label: "$(symbol-misc) Switch model", description: model(), command: "switchModel" },
    { label: status.snoozed ? "$(bell) Wake up" : "$(bell-slash) Snooze", command: "snooze" },
    language !== undefined && {
      label: `$(circle-slash) Switch ${off ? "on" : "off"} for ${language}`,
      command: "toggleLanguage",
    },
    { label: "$(key) Set API key", command: "setKey" },
    { label: "$(question) Why no suggestion?", command: "why" },
    { label: "$(output) Open log", command: "log" },
    { label: "$(pulse) Doctor", description: "check settings, key and model", command: "doctor" },
    { label: "$(debug-restart) Restart the server", command: "restart" },
  ];
  const title = status.message || "Devstral is ready.";
  const shown = choices.filter((each) => each !== false);
  const chosen = await vscode.window.showQuickPick(shown, { title });
  if (chosen) await vscode.commands.executeCommand(`devstral-lsp.${chosen.command}`);
}

/** Snooze for as long as the user says, or wake up. */
export async function snooze(status: StatusItem): Promise<void> {
  if (status.snoozed) return status.snooze(0);
  const times = [5, 15, 30, 60, 240].map((minutes) => ({
    label: minutes < 60 ? `${minutes} minutes` : `${minutes / 60} h`,
    minutes,
  }));
  const chosen = await vscode.window.showQuickPick(times, { title: "Show nothing for" });
  if (chosen) status.snooze(chosen.minutes);
}

/** Offer nothing in a language any more, or again. */
export async function toggleLanguage(language: string): Promise<void> {
  const all = disabledLanguages();
  const next = all.includes(language)
    ? all.filter((each) => each !== language)
    : [...all, language];
  await settings().update("completion.disabledLanguages", next, vscode.ConfigurationTarget.Global);
}

/** Choose the model that completes. */
export async function switchModel(): Promise<void> {
  const auto = { label: "Automatic", description: "what the account offers", id: "" };
  const latest = { label: "codestral-latest", id: "codestral-latest" };
  const other = { label: "Another one…", id: undefined };
  const current = model();
  const known = current && current !== latest.id ? [{ label: current, id: current }] : [];
  const title = "Which model completes?";
  const chosen = await vscode.window.showQuickPick([auto, latest, ...known, other], { title });
  if (!chosen) return;
  const id = chosen.id ?? (await vscode.window.showInputBox({ title: "Model id", value: current }));
  if (id === undefined) return;
  await settings().update("fim.model", id || undefined, vscode.ConfigurationTarget.Global);
}

function settings(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("devstral");
}

function disabledLanguages(): string[] {
  return settings().inspect<string[]>("completion.disabledLanguages")?.globalValue ?? [];
}

function model(): string {
  return settings().get<string>("fim.model") ?? "";
}
