// Puts beside the extension what its package takes from the rest of the project: the wheel of the
// server, built from this very clone, the hashes of all that the wheel needs, the licence, and what
// has changed. Needs Python 3.11 or later with pip, or uv.

import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const here = import.meta.dirname;
const project = path.resolve(here, "..", "..");
const to = path.join(here, "server");
// What builds the wheel is fetched from the index, and has to have the hashes that stand here.
const builders = path.join(project, ".ci", "locks", "build.lock");
const environment = mkdtempSync(path.join(tmpdir(), "devstral-build-"));
const programs = path.join(environment, process.platform === "win32" ? "Scripts" : "bin");
const quietly = ["-m", "pip", "--disable-pip-version-check"];

const withPython = (python) => [
  [python, "-m", "venv", "--clear", environment],
  [path.join(programs, "python"), ...quietly, "install", "-q", "--require-hashes", "-r", builders],
  [
    path.join(programs, "python"),
    ...quietly,
    ...["wheel", "-q", "--no-deps", "--no-build-isolation", "-w", to, project],
  ],
];
const ways = [
  ...["python3", "python", "py"].map(withPython),
  [["uv", "build", "-q", "--wheel", "--require-hashes", "--out-dir", to, project]],
];
const env = { ...process.env, UV_BUILD_CONSTRAINT: builders };

function built(commands) {
  for (const [program, ...args] of commands) {
    try {
      execFileSync(program, args, { env, stdio: ["ignore", "inherit", "pipe"] });
    } catch (error) {
      failures.push(`${program}: ${String(error.stderr ?? "").trim() || error.message}`);
      return false;
    }
  }
  return true;
}

const failures = [];
rmSync(to, { recursive: true, force: true });
const isBuilt = ways.some(built);
rmSync(environment, { recursive: true, force: true });
if (!isBuilt) {
  console.error(`The server's wheel could not be built.\n${failures.join("\n")}`);
  process.exit(1);
}
const wheels = readdirSync(to).filter((name) => name.endsWith(".whl"));
if (wheels.length !== 1) throw new Error(`one wheel was to be built, not ${wheels.length}`);
copyFileSync(path.join(project, "requirements.lock"), path.join(to, "requirements.lock"));
copyFileSync(path.join(project, "LICENSE"), path.join(here, "LICENSE"));
// The pages that it leads to are no part of the package.
const changes = readFileSync(path.join(project, "docs", "changes.md"), "utf8");
const alone = changes.replace(/\[([^\]]*)\]\((?!https?:)[^)]*\)/g, "$1");
writeFileSync(path.join(here, "CHANGELOG.md"), alone);
