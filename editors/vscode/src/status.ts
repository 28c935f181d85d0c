// The item in the status bar, and what its menu offers.

import * as vscode from "vscode";
import { l10n } from "vscode";

/** What the server sends as `didChangeStatus`. */
export interface Status {
  readonly kind: "Normal" | "Warning" | "Error" | "Inactive";
  readonly message: string;
  readonly busy: boolean;
  /** What mends it: "setKey", "useLocalModel", "switchModel", "doctor", "wake"; "" for nothing. */
  readonly remedy: string;
}

/** The status without a server. */
export function local(kind: Status["kind"], message: string): Status {
  return { kind, message, busy: false, remedy: "" };
}

const ICONS = { Normal: "sparkle", Warning: "warning", Error: "error", Inactive: "circle-slash" };

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    "devstral-lsp.status",
    vscode.StatusBarAlignment.Right,
    100,
  );
  private status = local("Inactive", l10n.t("The server is not running."));

  constructor() {
    this.item.name = "Devstral";
    this.item.command = "devstral-lsp.menu";
    this.draw();
    this.item.show();
  }

  get snoozed(): boolean {
    return this.status.remedy === "wake";
  }

  get now(): Status {
    return this.status;
  }

  update(status: Status): void {
    this.status = status;
    this.draw();
  }

  dispose(): void {
    this.item.dispose();
  }

  private draw(): void {
    const { kind, message, busy, remedy } = this.status;
    const ownCodeOnly = kind === "Normal" && remedy === "setKey";
    const icon = this.snoozed ? "bell-slash" : busy ? "loading~spin" : ICONS[kind];
    this.item.text = `$(${icon}) ${ownCodeOnly ? l10n.t("Devstral: own code only") : "Devstral"}`;
    this.item.tooltip = message || l10n.t("Devstral is ready.");
    const word = this.snoozed ? "snoozed" : busy ? "busy" : kind.toLowerCase();
    this.item.accessibilityInformation = { label: `Devstral, ${word}. ${message}` };
    const background = { Error: "errorBackground", Warning: "warningBackground" }[kind as string];
    this.item.backgroundColor = background
      ? new vscode.ThemeColor(`statusBarItem.${background}`)
      : undefined;
  }
}

interface Choice extends vscode.QuickPickItem {
  readonly command: string;
}

/** What the menu depends on. `refusal`: why no model can be asked to refactor, "" if one can. */
export interface Situation {
  readonly status: Status;
  readonly isInstalled: boolean;
  readonly refusal: string;
  readonly language: string | undefined;
}

/** Ask what to do, and do it. */
export async function showMenu(situation: Situation): Promise<void> {
  const { status } = situation;
  const title = status.message || l10n.t("Devstral is ready.");
  const shown = choices(situation).filter((each) => each !== false);
  const chosen = await vscode.window.showQuickPick(shown, { title, matchOnDetail: true });
  if (chosen) await vscode.commands.executeCommand(`devstral-lsp.${chosen.command}`);
}

function choices({ status, isInstalled, refusal, language }: Situation): (Choice | false)[] {
  const log = { label: `$(output) ${l10n.t("Open log")}`, command: "log" };
  const restart = { label: `$(debug-restart) ${l10n.t("Restart the server")}`, command: "restart" };
  if (!isInstalled) {
    const description = l10n.t("nothing works without it");
    const install = { label: `$(cloud-download) ${l10n.t("Install the server…")}`, description };
    return [{ ...install, command: "install" }, log, restart];
  }
  const snoozed = status.remedy === "wake";
  // What to do about it, which follows the colon, is first in the menu.
  const why = refusal ? { detail: l10n.t("Off: {0}", refusal.split(": ")[0] ?? "") } : {};
  const off = language !== undefined && disabledLanguages().includes(language);
  const setKey = { label: `$(key) ${l10n.t("Set API key")}`, command: "setKey" };
  const nearby = { label: `$(vm) ${l10n.t("Use a local model")}`, command: "useLocalModel" };
  const first = status.remedy === "setKey" ? [setKey, nearby] : [];
  const later = first.length ? [] : [setKey, nearby];
  const lastly = {
    label: `$(pulse) ${l10n.t("Doctor")}`,
    description: l10n.t("check settings, key and model"),
  };
  return [
    ...first,
    { label: `$(edit) ${l10n.t("Rewrite…")}`, command: "rewrite", ...why },
    { label: `$(files) ${l10n.t("Apply across the project…")}`, command: "task", ...why },
    {
      label: `$(symbol-misc) ${l10n.t("Switch model")}`,
      description: model("fim"),
      command: "switchModel",
    },
    {
      label: snoozed ? `$(bell) ${l10n.t("Wake up")}` : `$(bell-slash) ${l10n.t("Snooze")}`,
      command: "snooze",
    },
    language !== undefined && {
      label: `$(circle-slash) ${l10n.t(off ? "Switch on for {0}" : "Switch off for {0}", language)}`,
      command: "toggleLanguage",
    },
    language !== undefined && {
      label: `$(file) ${l10n.t("Switch off or on in this file")}`,
      command: "toggleFile",
    },
    { label: `$(question) ${l10n.t("Why no suggestion?")}`, command: "why" },
    ...later,
    log,
    { ...lastly, command: "doctor" },
    restart,
  ];
}

/** Offer nothing in a language any more, or again. */
export async function toggleLanguage(language: string): Promise<void> {
  const all = disabledLanguages();
  const next = all.includes(language)
    ? all.filter((each) => each !== language)
    : [...all, language];
  await settings().update("completion.disabledLanguages", next, vscode.ConfigurationTarget.Global);
}

/** A model as the server knows it from the endpoint's list. */
export interface Offered {
  readonly id: string;
  readonly suits: boolean | null;
  readonly contextTokens: number | null;
  readonly pricePrompt: number | null;
  readonly priceCompletion: number | null;
  readonly retirement: string;
}

/** Choose the model that completes, or the one that refactors. */
export async function switchModel(
  purpose: "fim" | "chat",
  offered: () => Promise<readonly Offered[]>,
): Promise<void> {
  const current = model(purpose);
  const auto = {
    label: l10n.t("Automatic"),
    description: l10n.t("what suits best of the list"),
    id: "",
  };
  const other = { label: l10n.t("Another one…"), id: undefined };
  const listed = (await offered()).map((each) => ({
    label: each.id === current ? `$(check) ${each.id}` : each.id,
    description: factsOf(each, purpose),
    id: each.id,
    ...(each.retirement ? { detail: `$(warning) ${each.retirement}` } : {}),
  }));
  const own = current && !listed.some((each) => each.id === current);
  const known = own ? [{ label: `$(check) ${current}`, id: current }] : [];
  const title =
    purpose === "fim" ? l10n.t("Which model completes?") : l10n.t("Which model refactors?");
  const all = [auto, ...known, ...listed, other];
  const chosen = await vscode.window.showQuickPick(all, { title, matchOnDescription: true });
  if (!chosen) return;
  const id =
    chosen.id ?? (await vscode.window.showInputBox({ title: l10n.t("Model id"), value: current }));
  if (id === undefined) return;
  const target = vscode.ConfigurationTarget.Global;
  await settings().update(`${purpose}.model`, id || undefined, target);
}

function factsOf(model: Offered, purpose: "fim" | "chat"): string {
  const lacks =
    purpose === "fim"
      ? l10n.t("does not fill gaps: by chat, slower")
      : l10n.t("holds no conversations");
  const { contextTokens: tokens, pricePrompt: prompt, priceCompletion: completion } = model;
  const facts = [
    model.suits === false ? lacks : model.suits && purpose === "fim" ? l10n.t("fills gaps") : "",
    tokens ? l10n.t("{0}k tokens", Math.round(tokens / 1000)) : "",
    prompt === null ? "" : l10n.t("${0} in, ${1} out per million", prompt, completion ?? 0),
  ];
  return facts.filter((each) => each).join(" · ");
}

function settings(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("devstral");
}

function disabledLanguages(): string[] {
  return settings().inspect<string[]>("completion.disabledLanguages")?.globalValue ?? [];
}

function model(purpose: "fim" | "chat"): string {
  return settings().get<string>(`${purpose}.model`) ?? "";
}
