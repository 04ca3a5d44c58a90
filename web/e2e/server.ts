/** A real server on a home of its own, with the command line that users have. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const COMMAND = process.env.PIPEYARD ?? "pipeyard";
// Nothing else would end one that hangs: while a command runs, no test's own time passes.
const COMMAND_MS_MAX = 150_000;

export class Server {
  readonly folder = mkdtempSync(join(tmpdir(), "pipeyard-studio-"));
  private readonly home = join(this.folder, "home");

  /** `environment`: variables of the server and of every command. */
  constructor(private readonly environment: Record<string, string> = {}) {
    this.run("server", "start");
  }

  get address(): string {
    const { port } = JSON.parse(readFileSync(join(this.home, "server.json"), "utf8")) as { port: number };
    return `http://127.0.0.1:${port}`;
  }

  /** Run a command of the command line and return what it prints. */
  run(...words: string[]): string {
    return execFileSync(COMMAND, words, {
      cwd: this.folder,
      // Images are not pulled for a test.
      env: {
        ...process.env,
        PIPEYARD_HOME: this.home,
        HOME: this.folder,
        PIPEYARD_CONTAINER_RUNTIME: "none",
        ...this.environment,
      },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: COMMAND_MS_MAX,
      killSignal: "SIGKILL",
      maxBuffer: 1 << 28,
    });
  }

  write(path: string, text: string): string {
    const place = join(this.folder, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
    return place;
  }

  /** Create a job from YAML; wait for its end if asked to. Returns its name. */
  create(yaml: string, isAwaited = false): string {
    const file = this.write(`job-${Math.random().toString(36).slice(2)}.yml`, yaml);
    const { name } = JSON.parse(this.run("job", "create", "--file", file, "-o", "json")) as { name: string };
    if (isAwaited) {
      try {
        this.run("job", "stream", "--name", name);
      } catch (error) {
        // It ends with 1 when the job failed.
        if ((error as { status: number | null }).status === null) {
          throw error;
        }
      }
    }
    return name;
  }

  /** Make a draft of a text; return the path of its page. */
  draft(text: string, name: string): string {
    const file = this.write("draft.yml", text);
    const { id } = JSON.parse(this.run("draft", "create", "--file", file, "--name", name, "-o", "json")) as {
      id: string;
    };
    return `/designer/${id}`;
  }

  /** The text that a draft has on the server, by its id or the path of its page. */
  draftText(of: string): string {
    const id = of.split("/").at(-1) as string;
    return (JSON.parse(this.run("draft", "show", id, "-o", "json")) as { text: string }).text;
  }

  /** A link that opens a session once. */
  async link(path: string): Promise<string> {
    const token = readFileSync(join(this.home, "token"), "utf8").trim();
    const answer = await fetch(`${this.address}/api/v1/login-codes`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
    });
    const { code } = (await answer.json()) as { code: string };
    return `${this.address}/login?code=${code}&next=${encodeURIComponent(path)}`;
  }

  close(): void {
    this.run("server", "stop");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A pipeline of shell commands; each step may read what others wrote. */
export function pipeline(
  steps: Record<string, { command: string; reads?: string[] }>,
  head = "display_name: test",
): string {
  const lines = [`type: pipeline`, head, `settings: {continue_on_step_failure: true}`, `jobs:`];
  for (const [key, { command, reads = [] }] of Object.entries(steps)) {
    lines.push(`  ${key}:`, `    type: command`, `    environment: {image: debian}`);
    lines.push(`    command: ${JSON.stringify(command)}`);
    if (reads.length > 0) {
      lines.push(`    inputs:`, ...reads.map((from) => `      ${from}: \${{parent.jobs.${from}.outputs.out}}`));
    }
    lines.push(`    outputs: {out: {type: uri_folder}}`);
  }
  return `${lines.join("\n")}\n`;
}
