// Where the server is: what the user names, what is on the PATH, or what this extension installed.
// It is installed only when the user says so and where they say.

import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";

const NAME = "devstral-lsp";
const INSTALL_LIMIT_MS = 600_000;
const LOOK_LIMIT_MS = 10_000;
const WINDOWS = process.platform === "win32";
const OLD_ENOUGH = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
const PYTHONS = WINDOWS
  ? ["py", "python"]
  : ["python3", "python3.13", "python3.12", "python3.11", "python"];

const run = promisify(execFile);

type Way = vscode.QuickPickItem & { readonly commands: readonly (readonly string[])[] };

/** The server's command line, undefined if there is none. Throws if the one that is named is not there. */
export function find(storage: vscode.Uri): readonly string[] | undefined {
  const named = vscode.workspace.getConfiguration("devstral").get<string[]>("command") ?? [];
  const [program] = named;
  if (program !== undefined) {
    if (onPath(program) !== undefined) return named;
    throw new Error(`The setting devstral.command names ${program}, which is not there.`);
  }
  const own = path.join(programsOf(environmentIn(storage)), WINDOWS ? `${NAME}.exe` : NAME);
  const found = onPath(NAME) ?? [path.join(os.homedir(), ".local", "bin", NAME), own].find(isFile);
  return found === undefined ? undefined : [found];
}

/** Ask how to install the server and do it; false if the user would rather not. */
export async function install(storage: vscode.Uri, log: vscode.OutputChannel): Promise<boolean> {
  const ways = await waysToInstall(storage);
  if (!ways.length) {
    const sentence =
      "Devstral's server needs Python 3.11 or later, uv or pipx, and none was found.";
    await vscode.window.showErrorMessage(sentence);
    return false;
  }
  const title = `Devstral's server, ${NAME}, is not installed. Where should it go?`;
  const way = await vscode.window.showQuickPick(ways, { title, ignoreFocusOut: true });
  if (!way) return false;
  const location = vscode.ProgressLocation.Notification;
  const message = `Installing ${NAME} …`;
  await vscode.window.withProgress({ location, title: message }, () => execute(way, log));
  return true;
}

async function execute(way: Way, log: vscode.OutputChannel): Promise<void> {
  for (const [program = "", ...args] of way.commands) {
    log.appendLine(`> ${program} ${args.join(" ")}`);
    try {
      const { stdout, stderr } = await run(program, args, { timeout: INSTALL_LIMIT_MS });
      log.append(stdout + stderr);
    } catch (error) {
      log.appendLine(String(error));
      const told = (error as { stderr?: string }).stderr?.trim().split("\n").at(-1);
      const why = told || "see the log";
      throw new Error(`${path.basename(program)} could not install the server: ${why}`);
    }
  }
}

async function waysToInstall(storage: vscode.Uri): Promise<Way[]> {
  // A wheel is named by those who work on the server itself.
  const wheel = vscode.workspace.getConfiguration("devstral").get<string>("wheel");
  const what = wheel || NAME;
  const ways: Way[] = [];
  const uv = onPath("uv");
  if (uv !== undefined) {
    const command = [uv, "tool", "install", what];
    ways.push({ label: "With uv", description: `uv tool install ${what}`, commands: [command] });
  }
  const pipx = onPath("pipx");
  if (pipx !== undefined) {
    const command = [pipx, "install", what];
    ways.push({ label: "With pipx", description: `pipx install ${what}`, commands: [command] });
  }
  const python = await findPython();
  if (python !== undefined) {
    const folder = environmentIn(storage);
    const inside = path.join(programsOf(folder), WINDOWS ? "python.exe" : "python");
    ways.push({
      label: "In a folder of its own",
      description: "a Python environment that only this extension uses",
      commands: [
        [python, "-m", "venv", folder],
        [inside, "-m", "pip", "install", "--disable-pip-version-check", "--upgrade", what],
      ],
    });
  }
  return ways;
}

async function findPython(): Promise<string | undefined> {
  for (const name of PYTHONS) {
    const program = onPath(name);
    if (program === undefined) continue;
    try {
      await run(program, ["-c", OLD_ENOUGH], { timeout: LOOK_LIMIT_MS });
      return program;
    } catch {
      // Too old, or without venv, as Debian's python3 is when python3-venv is not installed.
    }
  }
  return undefined;
}

function environmentIn(storage: vscode.Uri): string {
  return path.join(storage.fsPath, "server");
}

function programsOf(environment: string): string {
  return path.join(environment, WINDOWS ? "Scripts" : "bin");
}

function onPath(program: string): string | undefined {
  if (path.isAbsolute(program)) return isFile(program) ? program : undefined;
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const endings = WINDOWS ? [".exe", ".cmd", ""] : [""];
  const candidates = folders.flatMap((folder) =>
    endings.map((ending) => path.join(folder, program + ending)),
  );
  return candidates.find(isFile);
}

function isFile(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
