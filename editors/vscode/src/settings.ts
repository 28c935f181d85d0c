// The user's settings on their way to the server. Defaults are the server's own and never sent:
// they would overrule its other sources. What only a person may decide (scope "machine": hosts,
// keys, programs) goes into the server's environment, since no folder's settings can write there.
// What a folder's settings say (scope "window" alone) is sent apart from the user's: the server takes
// it as it takes a project file, which only restricts.

import * as vscode from "vscode";

export const SECTION = "devstral";

/** Settings of the extension itself, which the server does not know. */
const OWN = new Set(["devstral.command"]);

interface Property {
  readonly scope?: string;
}
type Properties = Record<string, Property>;

interface Manifest {
  readonly contributes: { readonly configuration: readonly { readonly properties: Properties }[] };
}

/** All settings of the server by their keys, as package.json declares them. */
export function declared(extension: vscode.Extension<unknown>): Properties {
  const manifest = extension.packageJSON as Manifest;
  const all = manifest.contributes.configuration.flatMap((part) => Object.entries(part.properties));
  return Object.fromEntries(all.filter(([key]) => !OWN.has(key)));
}

/** What the server is told of the folders' trust: in one that has none it takes no actions. */
export function trust(): Record<string, unknown> {
  return { workspaceTrusted: vscode.workspace.isTrusted };
}

/** What the user has set for the server to read while it runs, by the keys without "devstral.". */
export function sent(properties: Properties): Record<string, unknown> {
  const set: Record<string, unknown> = trust();
  for (const [key, property] of Object.entries(properties)) {
    if (property.scope === "machine") continue;
    const name = key.slice(SECTION.length + 1);
    const value = ofUser(key);
    if (value !== undefined) set[name] = value;
    const said = property.scope === "window" ? ofFolder(key) : undefined;
    if (said !== undefined) set[`workspace.${name}`] = said;
  }
  return set;
}

/** What only a person may set, as variables for the server's environment. */
export function environment(properties: Properties): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [key, property] of Object.entries(properties)) {
    const value = property.scope === "machine" ? ofUser(key) : undefined;
    if (value !== undefined && value !== null) variables[variable(key)] = asText(value);
  }
  return variables;
}

/** Whether a change touches what the server is started with. */
export function needsRestart(
  change: vscode.ConfigurationChangeEvent,
  properties: Properties,
): boolean {
  const atStart = Object.entries(properties).filter(([, each]) => each.scope === "machine");
  return [...OWN, ...atStart.map(([key]) => key)].some((key) => change.affectsConfiguration(key));
}

/** Have a model of a server on this machine complete. */
export async function setLocalModel(
  provider: string,
  baseUrl: string,
  model: string,
): Promise<void> {
  const settings = vscode.workspace.getConfiguration(SECTION);
  for (const [key, value] of Object.entries({ provider, baseUrl, model })) {
    await settings.update(`fim.${key}`, value, vscode.ConfigurationTarget.Global);
  }
}

function ofUser(key: string): unknown {
  return vscode.workspace.getConfiguration().inspect(key)?.globalValue;
}

function ofFolder(key: string): unknown {
  const found = vscode.workspace.getConfiguration().inspect(key);
  return found?.workspaceFolderValue ?? found?.workspaceValue;
}

/** "devstral.fim.baseUrl" is DEVSTRAL_FIM_BASE_URL. */
function variable(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(".", "_")
    .toUpperCase();
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Whether code actions of this kind are asked for on a save because a folder's settings say so. */
export function isOfFolder(
  document: vscode.TextDocument,
  only: vscode.CodeActionKind | undefined,
): boolean {
  if (only === undefined) return false;
  const found = ["editor", "notebook"].map((section) =>
    vscode.workspace.getConfiguration(section, document).inspect<OnSave>("codeActionsOnSave"),
  );
  const kinds = (values: (OnSave | undefined)[]) => values.flatMap(kindsOf);
  const folders = kinds(
    found.flatMap((each) => [
      each?.workspaceValue,
      each?.workspaceFolderValue,
      each?.workspaceLanguageValue,
      each?.workspaceFolderLanguageValue,
    ]),
  );
  const users = kinds(found.flatMap((each) => [each?.globalValue, each?.globalLanguageValue]));
  return folders.includes(only.value) && !users.includes(only.value);
}

type OnSave = readonly string[] | Record<string, unknown>;

function kindsOf(value: OnSave | undefined): string[] {
  if (Array.isArray(value)) return value as string[];
  return Object.entries(value ?? {}).flatMap(([kind, when]) =>
    when === false || when === "never" ? [] : [kind],
  );
}
