import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { Http2SessionManager } from "@connectrpc/connect-node";
import { readWhole } from "../../http2/whole-answers.ts";

/**
 * A load balancer, a NAT, a frozen function or a machine that died drops connections without a word. One that says nothing is
 * asked (PING) before it is trusted and while an answer is waited for; one that does not reply is given up, and so is one that
 * cannot be opened: the next may lead to another machine.
 *
 * A reader's numbers fit a dead machine into the 15 seconds of a query: 5 until it is noticed, and then, while the balancer
 * still sends a share of new connections to it, four more tries to open one. The wait for a PING's reply fits into the second that the
 * first answer of a thawed function may take (`npm run bench -- cold`). A reader must not ask more often than every 4 s: a gRPC
 * server that said nothing meanwhile takes three PINGs, and ends the connection at the fourth (Go's default, as Weaviate has it).
 * A writer rather bears with a server that is busy.
 */
const liveness = {
  read: { pingIntervalMs: 4_000, pingTimeoutMs: 600 },
  write: { pingIntervalMs: 10_000, pingTimeoutMs: 10_000 },
} as const;
const idleConnectionTimeoutMs = 15 * 60_000;
/** How long each try to open a connection may take; a link that is slow, not dead, gets more from try to try. */
const openingMs = [1_000, 1_500, 2_000, 2_500, 3_000] as const;

/** The one connection to a server, opened anew whenever it is needed and not there. */
export interface Sessions {
  readonly manager: Http2SessionManager;
  /** Once there is a connection that lives. @throws a `ConnectError`; where nothing answers, after five tries or `timeoutMs`. */
  ready(): Promise<void>;
}

export function createSessions(grpcUrl: string, mode: "read" | "write", timeoutMs: number, ca?: string): Sessions {
  let openingFor: number = openingMs[0];
  let unanswered = false;
  const manager = new Http2SessionManager(
    grpcUrl,
    { ...liveness[mode], idleConnectionTimeoutMs },
    {
      createConnection(authority) {
        const socket = connectTo(authority, ca);
        unanswered = false;
        const timer = setTimeout(() => {
          unanswered = true;
          socket.destroy(new Error("a new connection gets no answer; check the network, the tunnel and the firewall"));
        }, openingFor);
        const answered = () => clearTimeout(timer);
        socket.once(authority.protocol === "https:" ? "secureConnect" : "connect", answered).once("close", answered);
        // A connection that was given up has nobody else who listens, and would end the process.
        return socket.on("error", () => {});
      },
    },
  );
  const request = manager.request.bind(manager);
  manager.request = async (...given) => readWhole(await request(...given));
  let opening: Promise<void> | undefined;

  async function open(): Promise<void> {
    const end = performance.now() + timeoutMs;
    for (const tryMs of openingMs) {
      openingFor = Math.max(1, Math.min(tryMs, end - performance.now()));
      if ((await manager.connect()) !== "error") return;
      if (!unanswered || performance.now() >= end) break;
    }
    throw manager.error();
  }

  return {
    manager,
    async ready() {
      // Whoever needs it meanwhile waits for the same one.
      opening ??= open().finally(() => {
        opening = undefined;
      });
      await opening;
    },
  };
}

/** As Node's HTTP/2 client connects by itself. */
function connectTo(authority: URL, ca: string | undefined): Socket {
  const host = authority.hostname.replace(/^\[(.*)\]$/, "$1");
  const secure = authority.protocol === "https:";
  const place = { host, port: Number(authority.port || (secure ? 443 : 80)) };
  if (!secure) return connectTcp(place);
  return connectTls({
    ...place,
    ALPNProtocols: ["h2"],
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
  });
}
