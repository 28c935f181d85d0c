// Puts beside the extension what its package takes from the rest of the project: the wheel of the
// server, built from this very clone, and the licence. Needs Python 3.11 or later with pip, or uv.

import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

const here = import.meta.dirname;
const project = path.resolve(here, "..", "..");
const to = path.join(here, "server");
const pins = path.join(project, "requirements.lock");

const pip = (python) => [python, "-m", "pip", "wheel", "-q", "--no-deps", "-w", to, project];
const ways = [
  ...["python3", "python", "py"].map(pip),
  ["uv", "build", "-q", "--wheel", "--out-dir", to, project],
];
// What builds the wheel is fetched from the index: these are the names that pip, older pip and uv
// have for a list of its versions.
const env = {
  ...process.env,
  PIP_BUILD_CONSTRAINT: pins,
  PIP_CONSTRAINT: pins,
  UV_BUILD_CONSTRAINT: pins,
};

function built([program, ...args]) {
  try {
    execFileSync(program, args, { env, stdio: ["ignore", "inherit", "pipe"] });
    return true;
  } catch (error) {
    failures.push(`${program}: ${String(error.stderr ?? "").trim() || error.message}`);
    return false;
  }
}

const failures = [];
rmSync(to, { recursive: true, force: true });
if (!ways.some(built)) {
  console.error(`The server's wheel could not be built.\n${failures.join("\n")}`);
  process.exit(1);
}
const wheels = readdirSync(to).filter((name) => name.endsWith(".whl"));
if (wheels.length !== 1) throw new Error(`one wheel was to be built, not ${wheels.length}`);
copyFileSync(path.join(project, "LICENSE"), path.join(here, "LICENSE"));
