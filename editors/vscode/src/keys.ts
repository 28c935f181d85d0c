// API keys, each kept in the secret storage for one host and handed to the server when it asks for
// that very host. Nothing here writes a key anywhere else.

import * as vscode from "vscode";
import { l10n } from "vscode";

const PREFIX = "key:";

interface Host extends vscode.QuickPickItem {
  readonly origin: string;
}

/** What the server asks: the key for this origin. */
export interface Asked {
  readonly host?: unknown;
}

const KNOWN: readonly Host[] = [
  {
    label: "Codestral",
    description: l10n.t("completions; {0}", "codestral.mistral.ai"),
    origin: "https://codestral.mistral.ai",
  },
  {
    label: "Mistral",
    description: l10n.t("completions and refactorings; {0}", "api.mistral.ai"),
    origin: "https://api.mistral.ai",
  },
];

/** The answer to the server's request `devstral/key`. */
export async function answer(
  secrets: vscode.SecretStorage,
  params: Asked,
): Promise<{ key: string | null }> {
  const host = typeof params?.host === "string" ? originOf(params.host) : undefined;
  return { key: (host && (await secrets.get(PREFIX + host))) || null };
}

/** Ask for a key and keep it; gives the host that it is for, undefined if there is no new one. */
export async function setKey(secrets: vscode.SecretStorage): Promise<string | undefined> {
  const origin = await chooseHost(l10n.t("Which host is the key for?"));
  if (origin === undefined) return undefined;
  const key = await vscode.window.showInputBox({
    title: l10n.t("API key for {0}", origin),
    prompt: l10n.t("It is kept in the secret storage and sent to this host alone."),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^[!-~]+$/.test(text.trim()) ? undefined : l10n.t("A key has no blanks."),
  });
  if (key === undefined) return undefined;
  await secrets.store(PREFIX + origin, key.trim());
  return origin;
}

/** Forget the key of a host; true if one was chosen. */
export async function removeKey(secrets: vscode.SecretStorage): Promise<boolean> {
  const origin = await chooseHost(l10n.t("Whose key is to be removed?"));
  if (origin === undefined) return false;
  await secrets.delete(PREFIX + origin);
  return true;
}

async function chooseHost(title: string): Promise<string | undefined> {
  const settings = vscode.workspace.getConfiguration("devstral");
  const addresses = ["fim", "chat"].map((each) => settings.get<string>(`${each}.baseUrl`) ?? "");
  const own = new Set(addresses.flatMap((address) => originOf(address) ?? []));
  const configured = [...own].map((origin) => ({
    label: origin,
    description: l10n.t("from your settings"),
    origin,
  }));
  const other = { label: l10n.t("Another host…"), origin: "" };
  const chosen = await vscode.window.showQuickPick([...KNOWN, ...configured, other], { title });
  if (chosen === undefined || chosen.origin) return chosen?.origin;
  const typed = await vscode.window.showInputBox({
    title: l10n.t("The address of the endpoint"),
    placeHolder: "https://llm.example.com/v1",
    validateInput: (text) =>
      originOf(text) ? undefined : l10n.t("An http or https address is needed."),
  });
  return typed === undefined ? undefined : originOf(typed);
}

/** Scheme, host and port, in the server's spelling: without the port that the scheme implies. */
function originOf(address: string): string | undefined {
  try {
    const url = new URL(address);
    return /^https?:$/.test(url.protocol) ? url.origin : undefined;
  } catch {
    return undefined;
  }
}
