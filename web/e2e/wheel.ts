import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

const MAKE = `
import sys, zipfile
name, info = sys.argv[2], sys.argv[2] + "-1.0.dist-info/"
with zipfile.ZipFile(sys.argv[1] + "/" + name + "-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr(name + ".py", "")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: " + name + "\\nVersion: 1.0\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")
`;

/** A package to install, in a folder that stands for an index. Returns the folder. */
export function makeWheel(folder: string, name: string): string {
  mkdirSync(folder, { recursive: true });
  execFileSync(join(dirname(process.env.PIPEYARD ?? "pipeyard"), "python"), ["-c", MAKE, folder, name]);
  return folder;
}
