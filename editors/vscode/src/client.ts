// The language client: how the server is started, and what the two tell each other beyond LSP.

import * as vscode from "vscode";
import {
  type ClientCapabilities,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  type StaticFeature,
} from "vscode-languageclient/node";
import * as definitions from "./definitions";
import type { Ghost, Ready } from "./ghost";
import * as keys from "./keys";
import type { Remedies } from "./remedies";
import { isOfFolder, SECTION, sent, trust } from "./settings";
import type { Status, StatusItem } from "./status";

/** The documents that the server is told of. */
export const DOCUMENTS = ["file", "untitled", "vscode-notebook-cell"].map((scheme) => ({ scheme }));

/** Abilities that LSP has no name for. */
const BEYOND_LSP: StaticFeature = {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    capabilities.experimental = {
      ...(capabilities.experimental as object),
      didChangeStatus: true,
      devstralDefinition: true,
      devstralKey: true,
      devstralRemedies: true,
      devstralInlineCompletionReady: true,
    };
  },
  initialize(): void {},
  getState: () => ({ kind: "static" }),
  clear(): void {},
};

export interface Parts {
  readonly ghost: Ghost;
  readonly status: StatusItem;
  readonly remedies: Remedies;
  readonly secrets: vscode.SecretStorage;
  readonly log: vscode.LogOutputChannel;
  readonly properties: Parameters<typeof sent>[0];
}

/** A client for the server of this command line, not yet started. */
export function clientFor(
  [command = "", ...args]: readonly string[],
  environment: Record<string, string>,
  parts: Parts,
): LanguageClient {
  // It is run in the folder that is open, where `python -m` would look for modules first.
  const env = { ...process.env, PYTHONSAFEPATH: "1", ...environment };
  const run = { command, args, options: { env } };
  const options: LanguageClientOptions = {
    documentSelector: DOCUMENTS,
    outputChannel: parts.log,
    initializationOptions: trust(),
    middleware: middleware(parts),
  };
  const client = new LanguageClient(SECTION, "Devstral", { run, debug: run }, options);
  client.registerFeature(BEYOND_LSP);
  client.onNotification("didChangeStatus", (status: Status) => {
    parts.status.update(status);
    void parts.remedies.offer(status);
  });
  client.onNotification("devstral/inlineCompletionReady", (told: Ready) => parts.ghost.ready(told));
  client.onRequest("devstral/definition", (asked: definitions.Question) =>
    definitions.answer(client, asked),
  );
  client.onRequest("devstral/key", (params: keys.Asked) => keys.answer(parts.secrets, params));
  return client;
}

function middleware(parts: Parts): Middleware {
  return {
    provideInlineCompletionItems: parts.ghost.provide,
    // On a save, VS Code applies what it is given: a folder's settings must not have files sent.
    provideCodeActions: (document, range, context, token, next) =>
      isOfFolder(document, context.only) ? [] : next(document, range, context, token),
    // Only explanations are shown so: text to read, and not its source.
    window: { showDocument: (params) => showExplanation(vscode.Uri.parse(params.uri)) },
    workspace: {
      configuration: (params) =>
        params.items.map((item) => (item.section === SECTION ? sent(parts.properties) : null)),
      // Would push all settings with their defaults. `tellChange` says that there is something new.
      didChangeConfiguration: async () => {},
    },
  };
}

async function showExplanation(document: vscode.Uri): Promise<{ success: boolean }> {
  try {
    await vscode.commands.executeCommand("markdown.showPreview", document);
  } catch {
    await vscode.window.showTextDocument(document);
  }
  return { success: true };
}

/** Tell the server which document is looked at: it sees others open that no user sees. */
export async function tellFocus(client: LanguageClient | undefined): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const uri = document && client?.code2ProtocolConverter.asUri(document.uri);
  if (uri) await client?.sendNotification("textDocument/didFocus", { textDocument: { uri } });
}

/** Tell the server that settings have changed; it asks what they are. */
export async function tellChange(client: LanguageClient | undefined): Promise<void> {
  await client?.sendNotification("workspace/didChangeConfiguration", { settings: null });
}
