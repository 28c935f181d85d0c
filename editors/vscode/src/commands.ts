// What the user asks for in words, and what the server answers about the set-up.

import * as vscode from "vscode";
import { l10n } from "vscode";
import { ExecuteCommandRequest, type LanguageClient } from "vscode-languageclient/node";
import { choose } from "./remedies";
import { setLocalModel } from "./settings";
import type { Offered } from "./status";

/** Rewrite the selection as the user says. */
export async function rewrite(client: LanguageClient): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return;
  const title = l10n.t("Rewrite");
  const placeHolder = l10n.t("What should become of the selected code?");
  const instruction = await vscode.window.showInputBox({ title, placeHolder });
  if (!instruction?.trim()) return;
  const convert = client.code2ProtocolConverter;
  const uri = convert.asUri(editor.document.uri);
  const range = convert.asRange(editor.selection);
  await execute(client, "devstral.rewrite", { uri, range, instruction });
}

/** Carry a task out across the project. */
export async function task(client: LanguageClient): Promise<void> {
  const title = l10n.t("Apply across the project");
  const placeHolder = l10n.t("What should be done?");
  const instruction = await vscode.window.showInputBox({ title, placeHolder });
  if (!instruction?.trim()) return;
  const document = vscode.window.activeTextEditor?.document;
  const uri = document && client.code2ProtocolConverter.asUri(document.uri);
  await execute(client, "devstral.task", uri ? { instruction, uri } : { instruction });
}

interface Finding {
  readonly check: string;
  readonly mark: string;
  readonly said: string;
  readonly advice: string;
}

/** Run the doctor in the server, which has the settings and the keys, and show what it says. */
export async function doctor(client: LanguageClient, log: vscode.OutputChannel): Promise<void> {
  log.clear();
  log.show(true);
  const found = await waiting(l10n.t("Devstral's doctor looks …"), () =>
    execute<readonly Finding[]>(client, "devstral.doctor"),
  );
  for (const { check, mark, said, advice } of found ?? []) {
    log.appendLine(`${mark.padEnd(7)}  ${check.padEnd(10)}  ${said}`);
    if (advice) log.appendLine(`${" ".repeat(21)}-> ${advice}`);
  }
}

/** Say whether the key for a host is accepted, and which models it reaches. */
export async function checkKey(client: LanguageClient, host: string): Promise<void> {
  const found = await waiting(l10n.t("Checking the key for {0} …", host), () =>
    execute<{ ok: boolean; message: string }>(client, "devstral.checkKey", { host }),
  );
  if (!found) return;
  // With a button, VS Code shows all of it, and else its first line alone.
  if (found.ok)
    void vscode.window.showInformationMessage(`Devstral: ${found.message}`, l10n.t("OK"));
  else void choose(vscode.window.showWarningMessage, found.message, ["setKey", "doctor"]);
}

interface LocalServer {
  readonly name: string;
  readonly provider: string;
  readonly baseUrl: string;
  readonly models: readonly string[];
  readonly description: string;
}

/** Complete with a model of a server on this machine, which the user chooses. */
export async function useLocalModel(client: LanguageClient): Promise<void> {
  const found = await waiting(l10n.t("Looking for model servers on this machine …"), () =>
    execute<readonly LocalServer[]>(client, "devstral.localServers"),
  );
  const choices = (found ?? []).flatMap((server) =>
    server.models.map((model) => ({ label: model, description: server.name, server })),
  );
  if (!choices.length) return explainNone(found ?? []);
  const title = l10n.t("Which model of this machine completes?");
  const chosen = await vscode.window.showQuickPick(choices, { title });
  if (!chosen) return;
  await setLocalModel(chosen.server.provider, chosen.server.baseUrl, chosen.label);
}

async function explainNone(found: readonly LocalServer[]): Promise<void> {
  const there = found.map((server) => `${server.description}.`).join(" ");
  const sentence = there || l10n.t("No model server answers on this machine.");
  const advice = l10n.t(
    "Start Ollama, LM Studio, llama.cpp or vLLM with a model such as qwen2.5-coder.",
  );
  const again = l10n.t("Try again");
  const chosen = await vscode.window.showInformationMessage(`${sentence} ${advice}`, again);
  if (chosen === again) await vscode.commands.executeCommand("devstral-lsp.useLocalModel");
}

/** Switch completions in the document that is looked at off or on, until the server restarts. */
export async function toggleFile(client: LanguageClient): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) return;
  const uri = client.code2ProtocolConverter.asUri(document.uri);
  await execute(client, "devstral.toggle", { uri });
}

/** Snooze for as long as the user says; `snoozed`: wake up. */
export async function snooze(client: LanguageClient, snoozed: boolean): Promise<void> {
  if (snoozed) return void (await execute(client, "devstral.snooze", { minutes: 0 }));
  const times = [5, 15, 60].map((minutes) => ({ label: l10n.t("{0} minutes", minutes), minutes }));
  const forever = { label: l10n.t("Until the server restarts"), minutes: null };
  const title = l10n.t("Suggest nothing unasked for");
  const chosen = await vscode.window.showQuickPick([...times, forever], { title });
  if (chosen) await execute(client, "devstral.snooze", { minutes: chosen.minutes });
}

/** The models to choose from; none where the endpoint has no list, of which the server tells why. */
export async function offeredModels(
  client: LanguageClient,
  purpose: "fim" | "chat",
): Promise<readonly Offered[]> {
  const found = await waiting(l10n.t("Looking which models there are …"), () =>
    execute<{ models: readonly Offered[] }>(client, "devstral.models", {
      chat: purpose === "chat",
    }),
  );
  return found?.models ?? [];
}

/** Why no model can be asked to refactor, "" if one can. */
export async function refactorRefusal(client: LanguageClient): Promise<string> {
  const found = await execute<{ refactoring: string }>(client, "devstral.status");
  return found?.refactoring ?? "";
}

/** Show what the server replies, as a document that is on no disk. */
export async function showReply(client: LanguageClient, command: string): Promise<void> {
  const content = await execute<unknown>(client, command, { reply: true });
  if (typeof content !== "string") return;
  const document = await vscode.workspace.openTextDocument({ content, language: "markdown" });
  await vscode.window.showTextDocument(document, { preview: true });
}

/** What the server answers; null where it has told the user of a failure. */
async function execute<T>(
  client: LanguageClient,
  command: string,
  argument?: object,
): Promise<T | null> {
  const params = { command, arguments: argument ? [argument] : [] };
  return (await client.sendRequest(ExecuteCommandRequest.type, params)) as T | null;
}

function waiting<T>(title: string, work: () => Promise<T>): Thenable<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title },
    work,
  );
}
