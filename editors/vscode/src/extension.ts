// What the extension consists of, and when it starts and stops the server.

import * as vscode from "vscode";
import { l10n } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { Alternatives } from "./alternatives";
import { clientFor, type Parts, tellChange, tellFocus } from "./client";
import * as commands from "./commands";
import { commitMessage } from "./commits";
import { Ghost } from "./ghost";
import * as keys from "./keys";
import { NextEdit } from "./nextEdit";
import { Remedies } from "./remedies";
import { chooseWay, find, install, isOlder, named } from "./server";
import { declared, environment, needsRestart } from "./settings";
import { local, StatusItem, showMenu, switchModel, toggleLanguage } from "./status";

/** Several settings may change at once, of which one restart makes use. */
const SETTLE_MS = 100;

class Extension {
  private client: LanguageClient | undefined;
  private focusing: NodeJS.Timeout | undefined;
  private changing: NodeJS.Timeout | undefined;
  private queue: Promise<void> = Promise.resolve();
  private toldOfUpdate = false;
  private readonly parts: Parts;
  private readonly nextEdit: NextEdit;
  private readonly alternatives = new Alternatives();
  private readonly doctorLog = vscode.window.createOutputChannel("Devstral Doctor");

  constructor(private readonly context: vscode.ExtensionContext) {
    const status = new StatusItem();
    this.parts = {
      status,
      ghost: new Ghost(
        () => this.client,
        () => status.snoozed,
      ),
      secrets: context.secrets,
      remedies: new Remedies(context.globalState),
      log: vscode.window.createOutputChannel("Devstral", { log: true }),
      properties: declared(context.extension),
    };
    const { ghost, log } = this.parts;
    const arrow = context.asAbsolutePath("media/next-edit.svg");
    this.nextEdit = new NextEdit(() => this.client, ghost, arrow);
    context.subscriptions.push(
      status,
      ghost,
      this.nextEdit,
      log,
      this.doctorLog,
      ...this.commands(),
    );
    context.subscriptions.push(
      this.alternatives.register(),
      vscode.commands.registerCommand("devstral-lsp.useAlternative", (index: number) =>
        this.alternatives.use(index),
      ),
    );
    context.subscriptions.push(
      // A remote may read its settings only after the start of its extensions.
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (!change.affectsConfiguration("devstral")) return;
        if (!needsRestart(change, this.parts.properties)) return void tellChange(this.client);
        clearTimeout(this.changing);
        this.changing = setTimeout(() => void this.restart(), SETTLE_MS);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => tellChange(this.client)),
      ...[
        vscode.window.onDidChangeActiveTextEditor,
        vscode.workspace.onDidOpenTextDocument,
        vscode.workspace.onDidCloseTextDocument,
      ].map((event) => event(() => this.focusMoved())),
    );
  }

  /** Several documents may open at once: one word about it is enough. */
  private focusMoved(): void {
    clearTimeout(this.focusing);
    this.focusing = setTimeout(() => void tellFocus(this.client));
  }

  /** Stop the server if it runs, and start it; one after another, however often it is asked for. */
  restart(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    this.queue = this.queue
      .then(() => this.stop())
      .then(meanwhile)
      .catch((error) => this.complain(error))
      .then(() => this.start())
      .catch((error) => this.complain(error));
    return this.queue;
  }

  async stop(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    this.nextEdit.clear();
    this.parts.status.update(local("Inactive", l10n.t("The server is not running.")));
    await client?.dispose();
  }

  private async start(): Promise<void> {
    const command = find(this.context.globalStorageUri);
    if (command === undefined) return this.offerInstallation();
    this.client = clientFor(command, environment(this.parts.properties), this.parts);
    await this.client.start();
    this.offerUpdate(command, this.client.initializeResult?.serverInfo?.version);
  }

  private offerInstallation(): void {
    const sentence = l10n.t("Devstral's server, devstral-lsp, is not installed.");
    const yes = l10n.t("Install…");
    this.parts.status.update(local("Warning", sentence));
    void vscode.window.showInformationMessage(sentence, yes, l10n.t("Not now")).then((answer) => {
      if (answer === yes) return this.install();
    });
  }

  /** Say, once in a window, that the server is older than the one that this extension brings. */
  private offerUpdate([program = ""]: readonly string[], version: string | undefined): void {
    const own = (this.context.extension.packageJSON as { version: string }).version;
    if (this.toldOfUpdate || named().length || !version || !isOlder(version, own)) return;
    this.toldOfUpdate = true;
    const sentence = l10n.t(
      "Devstral's server, {0}, is version {1}; this extension brings {2}.",
      ...[program, version, own],
    );
    const yes = l10n.t("Update…");
    void vscode.window.showInformationMessage(sentence, yes, l10n.t("Not now")).then((answer) => {
      if (answer === yes) return this.install();
    });
  }

  private async install(): Promise<void> {
    const { globalStorageUri: storage } = this.context;
    try {
      const way = await chooseWay(this.context);
      if (way === undefined) return;
      this.toldOfUpdate = false;
      await this.restart(() => install(way, storage, this.parts.log));
    } catch (error) {
      this.complain(error);
    }
  }

  private complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.parts.status.update(local("Error", message));
    const show = l10n.t("Open Log");
    void vscode.window.showErrorMessage(`Devstral: ${message}`, show).then((answer) => {
      if (answer === show) this.parts.log.show();
    });
  }

  private commands(): vscode.Disposable[] {
    const { secrets, log, status } = this.parts;
    const rewrite = () => this.withClient(commands.rewrite);
    const all: Record<string, (source?: { rootUri?: vscode.Uri }) => unknown> = {
      menu: () => this.menu(),
      setKey: () => this.setKey(),
      removeKey: async () => (await keys.removeKey(secrets)) && this.restart(),
      rewrite,
      rewriteHere: rewrite,
      commitMessage: (source) => this.withClient((client) => commitMessage(client, source)),
      alternatives: () => this.withClient((client) => this.alternatives.show(client)),
      task: () => this.withClient(commands.task),
      takeNextEdit: () => this.nextEdit.take(),
      refuseNextEdit: () => this.nextEdit.refuse(),
      why: () => this.withClient((client) => commands.showReply(client, "devstral.why")),
      showPrompt: () =>
        this.withClient((client) => commands.showReply(client, "devstral.showPrompt")),
      switchModel: () => this.switchModel("fim"),
      switchChatModel: () => this.switchModel("chat"),
      useLocalModel: () => this.withClient(commands.useLocalModel),
      snooze: () => this.withClient((client) => commands.snooze(client, status.snoozed)),
      toggleFile: () => this.withClient(commands.toggleFile),
      toggleLanguage: () => toggleLanguage(language() ?? "plaintext"),
      doctor: () => this.withClient((client) => commands.doctor(client, this.doctorLog)),
      log: () => log.show(),
      install: () => this.install(),
      restart: () => this.restart(),
    };
    return Object.entries(all).map(([name, work]) =>
      vscode.commands.registerCommand(`devstral-lsp.${name}`, work),
    );
  }

  private async withClient(work: (client: LanguageClient) => Promise<void>): Promise<void> {
    await this.queue;
    if (this.client) return work(this.client);
    if (!this.isInstalled()) return this.offerInstallation();
    this.complain(l10n.t("The server is not running."));
  }

  private async menu(): Promise<void> {
    const { client, parts } = this;
    const isInstalled = client !== undefined || this.isInstalled();
    // The menu opens, whatever becomes of the question.
    const refusal = client?.isRunning()
      ? await commands.refactorRefusal(client).catch(() => "")
      : "";
    await showMenu({ status: parts.status.now, isInstalled, refusal, language: language() });
  }

  private switchModel(purpose: "fim" | "chat"): Promise<void> {
    const { client } = this;
    return switchModel(purpose, async () =>
      client?.isRunning() ? commands.offeredModels(client, purpose) : [],
    );
  }

  /** Take a key, have the server use it, and say what it is good for. */
  private async setKey(): Promise<void> {
    const host = await keys.setKey(this.parts.secrets);
    if (host === undefined) return;
    await this.restart();
    if (this.client) await commands.checkKey(this.client, host);
  }

  private isInstalled(): boolean {
    try {
      return find(this.context.globalStorageUri) !== undefined;
    } catch {
      return true; // one that is named, and not there: the settings are to be mended
    }
  }
}

let running: Extension | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  running = new Extension(context);
  await running.restart();
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}

function language(): string | undefined {
  return vscode.window.activeTextEditor?.document.languageId;
}
