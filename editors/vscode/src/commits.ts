// The message of a commit, put into the box of VS Code's source control.

import * as vscode from "vscode";
import { l10n } from "vscode";
import { ExecuteCommandRequest, type LanguageClient } from "vscode-languageclient/node";

/** What of VS Code's own git extension is used. */
interface Repository {
  readonly rootUri: vscode.Uri;
  readonly inputBox: { value: string };
}
interface GitExtension {
  getAPI(version: 1): { readonly repositories: readonly Repository[] };
}

/** Write the message for what is staged; `source` is the source control whose button was clicked. */
export async function commitMessage(
  client: LanguageClient,
  source?: { readonly rootUri?: vscode.Uri },
): Promise<void> {
  const repository = await chooseRepository(source?.rootUri);
  if (!repository) return;
  const before = repository.inputBox.value;
  const folder = client.code2ProtocolConverter.asUri(repository.rootUri);
  const params = { command: "devstral.commitMessage", arguments: [{ folder }] };
  const options = {
    location: vscode.ProgressLocation.SourceControl,
    title: l10n.t("Writing the commit message …"),
  };
  // The server shows its own progress, with a button that cancels, and says what went wrong.
  const answer = (await vscode.window.withProgress(options, () =>
    client.sendRequest(ExecuteCommandRequest.type, params),
  )) as { message: string } | null;
  if (!answer) return;
  const box = repository.inputBox;
  // What the user has typed meanwhile stays, below.
  box.value =
    box.value && box.value !== before ? `${answer.message}\n\n${box.value}` : answer.message;
}

async function chooseRepository(root: vscode.Uri | undefined): Promise<Repository | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>("vscode.git");
  const git = (await extension?.activate())?.getAPI(1);
  const all = git?.repositories ?? [];
  const clicked = all.find((each) => each.rootUri.toString() === root?.toString());
  if (clicked || all.length === 1) return clicked ?? all[0];
  if (!all.length) {
    void vscode.window.showInformationMessage(l10n.t("Devstral: there is no git repository here."));
    return undefined;
  }
  const choices = all.map((each) => ({ label: each.rootUri.fsPath, repository: each }));
  const title = l10n.t("For which repository?");
  return (await vscode.window.showQuickPick(choices, { title }))?.repository;
}
