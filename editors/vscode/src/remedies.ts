// What mends a failure, on buttons: of the toast that tells it, and first in the menu.

import * as vscode from "vscode";
import { l10n } from "vscode";
import type { Status } from "./status";

/** What the server names as `remedy`, and what else a toast may offer, by our command. */
const BUTTONS = {
  setKey: l10n.t("Set API key"),
  useLocalModel: l10n.t("Use a local model"),
  switchModel: l10n.t("Switch model"),
  doctor: l10n.t("Run the doctor"),
} as const;

export type Remedy = keyof typeof BUTTONS;

const OFFERED: Partial<Record<string, readonly Remedy[]>> = {
  setKey: ["setKey", "useLocalModel"],
  useLocalModel: ["useLocalModel", "setKey"],
  switchModel: ["switchModel", "doctor"],
};
/** Not "doctor": a network that is away comes back, and its status says so without a toast. */

const NOT_NOW = l10n.t("Not now");
const DECLINED = "declined";

/** Says once in a window what the user can mend, with the buttons that do. */
export class Remedies {
  private readonly told = new Set<string>();

  constructor(private readonly memory: vscode.Memento) {}

  async offer({ kind, message, remedy }: Status): Promise<void> {
    const remedies = OFFERED[remedy];
    if (!remedies || this.told.has(message) || this.memory.get<string>(DECLINED) === message)
      return;
    this.told.add(message);
    const isFailure = kind === "Error" || kind === "Warning";
    const { showWarningMessage, showInformationMessage } = vscode.window;
    const show = isFailure ? showWarningMessage : showInformationMessage;
    const chosen = await choose(show, `Devstral: ${message}`, remedies, NOT_NOW);
    // Whoever wants no key is not asked at each start; a failure is told again in the next window.
    if (chosen === NOT_NOW && !isFailure) await this.memory.update(DECLINED, message);
  }
}

/** Show a message with the buttons of remedies, and do what the user chooses. */
export async function choose(
  show: (message: string, ...buttons: string[]) => Thenable<string | undefined>,
  message: string,
  remedies: readonly Remedy[],
  ...others: string[]
): Promise<string | undefined> {
  const chosen = await show(message, ...remedies.map((each) => BUTTONS[each]), ...others);
  const remedy = remedies.find((each) => BUTTONS[each] === chosen);
  if (remedy) await vscode.commands.executeCommand(`devstral-lsp.${remedy}`);
  return chosen;
}
