// The user's settings on their way to the server. Defaults are the server's own and never sent:
// they would overrule its other sources. What only a person may decide (scope "machine": hosts,
// keys, programs) goes into the server's environment, since no folder's settings can write there.

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

/** What the user has set for the server to read while it runs, by the keys without "devstral.". */
export function sent(properties: Properties): Record<string, unknown> {
  const set: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(properties)) {
    const value = property.scope === "machine" ? undefined : explicit(key);
    if (value !== undefined) set[key.slice(SECTION.length + 1)] = value;
  }
  // In a folder that is not trusted, git could be made to run what its configuration names.
  if (!vscode.workspace.isTrusted) set["context.gitMessage"] = false;
  return set;
}

/** What only a person may set, as variables for the server's environment. */
export function environment(properties: Properties): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [key, property] of Object.entries(properties)) {
    const value = property.scope === "machine" ? explicit(key) : undefined;
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

function explicit(key: string): unknown {
  const found = vscode.workspace.getConfiguration().inspect(key);
  return found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
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
