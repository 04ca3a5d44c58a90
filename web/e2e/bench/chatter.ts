/**
 * The server with a loud stream: everything goes through, but events are ours, as many as are asked for.
 *
 * A hundred steps a second cannot be run beside the browser that is measured; what they would say can be said.
 */

import { createServer, type Server as HttpServer, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export class Chatter {
  private readonly server: HttpServer;
  private readonly listeners = new Set<ServerResponse>();

  constructor(private readonly target: string) {
    const { hostname, port, host } = new URL(target);
    this.server = createServer((asked, answer) => {
      if (/\/live(\?|$)/.test(asked.url ?? "")) {
        answer.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
        answer.write("event: reset\ndata: {}\n\n");
        this.listeners.add(answer);
        answer.on("close", () => this.listeners.delete(answer));
        return;
      }
      const headers = { ...asked.headers, host };
      const passed = request({ hostname, port, path: asked.url, method: asked.method, headers }, (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      passed.on("error", () => answer.destroy());
      asked.pipe(passed);
    });
  }

  /** Begin, and return the address that stands for the server's. */
  async open(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** `link` of the server as a link to here. */
  moved(link: string): string {
    const { port } = this.server.address() as AddressInfo;
    return link.replace(this.target, `http://127.0.0.1:${port}`);
  }

  tell(kind: string, data: unknown): void {
    for (const listener of this.listeners) {
      listener.write(`event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  }

  get listenerCount(): number {
    return this.listeners.size;
  }

  close(): void {
    for (const listener of this.listeners) {
      listener.destroy();
    }
    this.server.close();
  }
}
