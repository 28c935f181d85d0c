// Where the server is: what the user names, what this extension installed, or what is on the PATH.
// It is installed only when the user says so and where they say, and always from the wheel in this
// extension's package: whoever has the server's name on an index is not asked.

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

/** How the server can be installed; `folder` is the environment of our own that this fills. */
export type Way = vscode.QuickPickItem & {
  readonly commands: readonly (readonly string[])[];
  readonly folder?: string;
};

/** The command line that the user's settings name, empty if they name none. */
export function named(): readonly string[] {
  return vscode.workspace.getConfiguration("devstral").get<string[]>("command") ?? [];
}

/** The server's command line, undefined if there is none. Throws if the one that is named is not there. */
export function find(storage: vscode.Uri): readonly string[] | undefined {
  const [program] = named();
  if (program !== undefined) {
    if (onPath(program) !== undefined) return named();
    throw new Error(`The setting devstral.command names ${program}, which is not there.`);
  }
  const own = path.join(programsOf(environmentIn(storage)), WINDOWS ? `${NAME}.exe` : NAME);
  const elsewhere = path.join(os.homedir(), ".local", "bin", NAME);
  const found = isFile(own) ? own : (onPath(NAME) ?? [elsewhere].find(isFile));
  return found === undefined ? undefined : [found];
}

/** Whether a version, such as "0.9.1", comes before another one. */
export function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}

/** Ask how to install the server that this extension brings; undefined if it shall not be. */
export async function chooseWay(context: vscode.ExtensionContext): Promise<Way | undefined> {
  const ways = await waysToInstall(wheelOf(context), environmentIn(context.globalStorageUri));
  if (!ways.length) {
    throw new Error("The server needs Python 3.11 or later, uv or pipx, and none was found.");
  }
  const title = `Where should Devstral's server, ${NAME}, be installed?`;
  return vscode.window.showQuickPick(ways, { title, ignoreFocusOut: true });
}

/** Install the server in this way. */
export async function install(
  way: Way,
  storage: vscode.Uri,
  log: vscode.OutputChannel,
): Promise<void> {
  const location = vscode.ProgressLocation.Notification;
  const title = `Installing ${NAME} …`;
  await vscode.window.withProgress({ location, title }, () => execute(way, log));
  const own = environmentIn(storage);
  // It would be found before the one that is wanted now.
  if (way.folder !== own) await fs.promises.rm(own, { recursive: true, force: true });
}

/** The server's wheel in this extension's package, built from the same sources. */
function wheelOf(context: vscode.ExtensionContext): string {
  const folder = context.asAbsolutePath("server");
  const files = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  const wheel = files.find((file) => file.endsWith(".whl"));
  if (wheel !== undefined) return path.join(folder, wheel);
  throw new Error("This build of the extension holds no server. Install one from a clone.");
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

async function waysToInstall(wheel: string, folder: string): Promise<Way[]> {
  const file = path.basename(wheel);
  const ways: Way[] = [];
  const uv = onPath("uv");
  if (uv !== undefined) {
    const command = [uv, "tool", "install", "--force", wheel];
    ways.push({ label: "With uv", description: `uv tool install ${file}`, commands: [command] });
  }
  const pipx = onPath("pipx");
  if (pipx !== undefined) {
    const command = [pipx, "install", "--force", wheel];
    ways.push({ label: "With pipx", description: `pipx install ${file}`, commands: [command] });
  }
  const python = await findPython();
  if (python !== undefined) {
    const inside = path.join(programsOf(folder), WINDOWS ? "python.exe" : "python");
    const pip = [inside, "-m", "pip", "install", "--disable-pip-version-check"];
    ways.push({
      label: "In a folder of its own",
      description: "a Python environment that only this extension uses",
      commands: [
        [python, "-m", "venv", folder],
        // Also when it is there in this version: what is wrong with it is mended so.
        [...pip, "--force-reinstall", wheel],
      ],
      folder,
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
