// What the user asks for in words, and the doctor.

import { spawn } from "node:child_process";
import * as vscode from "vscode";
import { ExecuteCommandRequest, type LanguageClient } from "vscode-languageclient/node";

/** Rewrite the selection as the user says. */
export async function rewrite(client: LanguageClient): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return;
  const title = "Rewrite";
  const placeHolder = "What should become of the selected code?";
  const instruction = await vscode.window.showInputBox({ title, placeHolder });
  if (!instruction?.trim()) return;
  const convert = client.code2ProtocolConverter;
  const uri = convert.asUri(editor.document.uri);
  const range = convert.asRange(editor.selection);
  await execute(client, "devstral.rewrite", { uri, range, instruction });
}

/** Carry a task out across the project. */
export async function task(client: LanguageClient): Promise<void> {
  const title = "Apply across the project";
  const placeHolder = "What should be done?";
  const instruction = await vscode.window.showInputBox({ title, placeHolder });
  if (!instruction?.trim()) return;
  const document = vscode.window.activeTextEditor?.document;
  const uri = document && client.code2ProtocolConverter.asUri(document.uri);
  await execute(client, "devstral.task", uri ? { instruction, uri } : { instruction });
}

/** Run the doctor, and show what it says. */
export function doctor(
  [program = "", ...args]: readonly string[],
  environment: Record<string, string>,
  log: vscode.OutputChannel,
): void {
  log.clear();
  log.show(true);
  const cwd = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  // As for the server: it is run in the folder, whose modules are not to be.
  const env = { ...process.env, NO_COLOR: "1", PYTHONSAFEPATH: "1", ...environment };
  const before = args.filter((each) => each !== "--stdio");
  const child = spawn(program, [...before, "doctor"], { env, ...(cwd ? { cwd } : {}) });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => log.append(text));
  }
  child.on("error", (error) => log.appendLine(error.message));
}

/** Show what the server replies, as a document that is on no disk. */
export async function showReply(client: LanguageClient, command: string): Promise<void> {
  const parameters = { command, arguments: [{ reply: true }] };
  const content: unknown = await client.sendRequest(ExecuteCommandRequest.type, parameters);
  if (typeof content !== "string") return;
  const document = await vscode.workspace.openTextDocument({ content, language: "markdown" });
  await vscode.window.showTextDocument(document, { preview: true });
}

/** The server answers at once and shows by itself what comes of it. */
async function execute(client: LanguageClient, command: string, argument: object): Promise<void> {
  await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument] });
}
