// Where the server is: what the user names, what this extension installed, or what is on the PATH.
// It is installed only when the user says so and where they say, and always from the wheel in this
// extension's package: whoever has the server's name on an index is not asked. What it needs comes
// from the index, and only in the files whose hashes are in this extension's package.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { l10n } from "vscode";

const NAME = "devstral-lsp";
const INSTALL_LIMIT_MS = 600_000;
const LOOK_LIMIT_MS = 10_000;
const WINDOWS = process.platform === "win32";
const OLD_ENOUGH = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
const PYTHONS = WINDOWS
  ? ["py", "python"]
  : ["python3", "python3.13", "python3.12", "python3.11", "python"];

const run = promisify(execFile);
/** Not where VS Code was started: Python and uv would take modules and settings from a clone. */
const NEUTRAL = { cwd: os.homedir() };

/**
 * How the server can be installed; `folder` is the environment of our own that this fills, and
 * `scratch` a folder that is needed meanwhile.
 */
export type Way = vscode.QuickPickItem & {
  readonly commands: readonly (readonly string[])[];
  readonly folder?: string;
  readonly scratch?: string;
};

/** What this extension's package brings: the wheel, and the hashes of all that it needs. */
type Package = { readonly wheel: string; readonly lock: string };

/** The command line that the user's settings name, empty if they name none. */
export function named(): readonly string[] {
  return vscode.workspace.getConfiguration("devstral").get<string[]>("command") ?? [];
}

/** The server's command line, undefined if there is none. Throws if the one that is named is not there. */
export function find(storage: vscode.Uri): readonly string[] | undefined {
  const [program] = named();
  if (program !== undefined) {
    if (onPath(program) !== undefined) return named();
    throw new Error(l10n.t("The setting devstral.command names {0}, which is not there.", program));
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
  const ways = await waysToInstall(packageOf(context), context.globalStorageUri);
  if (!ways.length) {
    throw new Error(
      l10n.t("The server needs Python 3.11 or later, uv or pipx, and none was found."),
    );
  }
  const title = l10n.t("Where should Devstral's server, {0}, be installed?", NAME);
  return vscode.window.showQuickPick(ways, { title, ignoreFocusOut: true });
}

/** Install the server in this way. */
export async function install(
  way: Way,
  storage: vscode.Uri,
  log: vscode.OutputChannel,
): Promise<void> {
  const location = vscode.ProgressLocation.Notification;
  const title = l10n.t("Installing {0} …", NAME);
  await discard(way.scratch);
  try {
    await vscode.window.withProgress({ location, title }, () => execute(way, log));
  } finally {
    await discard(way.scratch);
  }
  const own = environmentIn(storage);
  // It would be found before the one that is wanted now.
  if (way.folder !== own) await discard(own);
}

async function discard(folder: string | undefined): Promise<void> {
  if (folder !== undefined) await fs.promises.rm(folder, { recursive: true, force: true });
}

/** The server in this extension's package, built from the same sources. */
function packageOf(context: vscode.ExtensionContext): Package {
  const folder = context.asAbsolutePath("server");
  const wheel = fs.existsSync(folder)
    ? fs.readdirSync(folder).find((file) => file.endsWith(".whl"))
    : undefined;
  const lock = path.join(folder, "requirements.lock");
  if (wheel !== undefined && fs.existsSync(lock)) return { wheel: path.join(folder, wheel), lock };
  throw new Error(l10n.t("This build of the extension holds no server. Install one from a clone."));
}

async function execute(way: Way, log: vscode.OutputChannel): Promise<void> {
  for (const [program = "", ...args] of way.commands) {
    log.appendLine(`> ${program} ${args.join(" ")}`);
    try {
      const { stdout, stderr } = await run(program, args, {
        ...NEUTRAL,
        timeout: INSTALL_LIMIT_MS,
      });
      log.append(stdout + stderr);
    } catch (error) {
      log.appendLine(String(error));
      const told = (error as { stderr?: string }).stderr?.trim().split("\n").at(-1);
      const why = told || l10n.t("see the log");
      throw new Error(l10n.t("{0} could not install the server: {1}", path.basename(program), why));
    }
  }
}

async function waysToInstall({ wheel, lock }: Package, storage: vscode.Uri): Promise<Way[]> {
  const file = path.basename(wheel);
  const ways: Way[] = [];
  const uv = onPath("uv");
  if (uv !== undefined) {
    const scratch = path.join(storage.fsPath, "verified");
    const python = ["--python", ">=3.11"];
    ways.push({
      label: l10n.t("With uv"),
      description: `uv tool install ${file}`,
      commands: [
        // `uv tool` checks no hashes: it gets the files that `uv pip` has checked, from uv's cache.
        [uv, "venv", ...python, scratch],
        [uv, "pip", "install", "--python", scratch, "--require-hashes", "-r", lock],
        [uv, "tool", "install", "--offline", "--force", ...python, "-c", lock, wheel],
      ],
      scratch,
    });
  }
  const pipx = onPath("pipx");
  if (pipx !== undefined) {
    // pipx splits pip's arguments at blanks, which an address has none of.
    const checked = `--pip-args=--constraint ${pathToFileURL(lock).href}`;
    const command = [pipx, "install", "--force", checked, addressWithHash(wheel)];
    ways.push({
      label: l10n.t("With pipx"),
      description: `pipx install ${file}`,
      commands: [command],
    });
  }
  const python = await findPython();
  if (python !== undefined) {
    const folder = environmentIn(storage);
    const inside = path.join(programsOf(folder), WINDOWS ? "python.exe" : "python");
    // All of it anew, also when it is there: what is wrong with it is mended so.
    const pip = [
      inside,
      "-m",
      "pip",
      "install",
      "--disable-pip-version-check",
      "--force-reinstall",
    ];
    ways.push({
      label: l10n.t("In a folder of its own"),
      description: l10n.t("a Python environment that only this extension uses"),
      commands: [
        [python, "-m", "venv", folder],
        [...pip, "--require-hashes", "-r", lock],
        [...pip, "--no-deps", wheel],
      ],
      folder,
    });
  }
  return ways;
}

/** A file's address as pip takes it where each package must have a hash. */
function addressWithHash(file: string): string {
  const hash = createHash("sha256").update(fs.readFileSync(file)).digest("hex");
  return `${pathToFileURL(file).href}#sha256=${hash}`;
}

async function findPython(): Promise<string | undefined> {
  for (const name of PYTHONS) {
    const program = onPath(name);
    if (program === undefined) continue;
    try {
      await run(program, ["-c", OLD_ENOUGH], { ...NEUTRAL, timeout: LOOK_LIMIT_MS });
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
  const folders = (process.env.PATH ?? "")
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder));
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
