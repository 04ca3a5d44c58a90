/** The one stream of all tabs. A tab says what it follows, or null when it leaves. */

import { type Listener, LiveHub, type Told } from "./live-hub";

const hub = new LiveHub();

interface WorkerScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

(self as unknown as WorkerScope).onconnect = (event) => {
  const port = event.ports[0] as MessagePort;
  let leave = () => {};
  port.onmessage = (message: MessageEvent<Omit<Listener, "tell"> | null>) => {
    leave();
    leave = () => {};
    if (message.data !== null) {
      leave = hub.join({ ...message.data, tell: (told: Told) => port.postMessage(told) });
    }
  };
  port.start();
};
