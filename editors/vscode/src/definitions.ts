// What other extensions know of a name: where it and its type are defined, and the signature of the
// call around the cursor. The server asks where the text tells nothing, and waits for 60 ms.

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

interface LspPosition {
  readonly line: number;
  readonly character: number;
}

/** What the server asks as `devstral/definition`. */
export interface Question {
  readonly textDocument: { readonly uri: string; readonly version: number };
  readonly position: LspPosition;
  readonly cursor: LspPosition;
}

interface Place {
  readonly uri: string;
  readonly line: number;
}

interface Known {
  readonly types: Place[];
  readonly definitions: Place[];
  readonly signature: string | null;
}

type Found = readonly (vscode.Location | vscode.LocationLink)[] | undefined;

/** The answer to the request; null if the document is not open or has another text by now. */
export async function answer(client: LanguageClient, question: Question): Promise<Known | null> {
  const { uri, version } = question.textDocument;
  const document = vscode.workspace.textDocuments.find(
    (each) => client.code2ProtocolConverter.asUri(each.uri) === uri,
  );
  if (document?.version !== version) return null;
  const [at, cursor] = [question.position, question.cursor].map(
    (each) => new vscode.Position(each.line, each.character),
  );
  const ask = <Result>(provider: string, position?: vscode.Position): Thenable<Result> =>
    vscode.commands.executeCommand<Result>(`vscode.execute${provider}`, document.uri, position);
  const [types, definitions, help] = await Promise.all([
    ask<Found>("TypeDefinitionProvider", at),
    ask<Found>("DefinitionProvider", at),
    ask<vscode.SignatureHelp | undefined>("SignatureHelpProvider", cursor),
  ]);
  return {
    types: places(client, types),
    definitions: places(client, definitions),
    signature: help?.signatures[help.activeSignature]?.label ?? null,
  };
}

function places(client: LanguageClient, found: Found): Place[] {
  return (found ?? []).map((each) => {
    const [uri, range] =
      "targetUri" in each
        ? [each.targetUri, each.targetSelectionRange ?? each.targetRange]
        : [each.uri, each.range];
    return { uri: client.code2ProtocolConverter.asUri(uri), line: range.start.line };
  });
}
