import { connect } from "node:net";
import { IsthmusError } from "../../../core/errors.ts";
import { connectionFailure, unavailable } from "./failures.ts";

/** The client's side of a new HTTP/2 connection: the preface and an empty SETTINGS frame (RFC 9113, section 3.4). */
const greeting = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "ascii"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const settingsFrame = 4;
const patienceMs = 5_000;

/**
 * Makes sure that a port without TLS speaks HTTP/2 before gRPC uses it (with TLS, the handshake does). Node's HTTP/2 client
 * ends the process on an answer in any other language, such as that of Weaviate's HTTP port.
 *
 * @throws `config_invalid` for another language, `store_unavailable` where there is no answer.
 */
export async function probeHttp2(grpcUrl: string, timeoutMs: number): Promise<void> {
  const address = new URL(grpcUrl);
  if (address.protocol !== "http:") return;
  const first = await new Promise<Buffer>((resolve, reject) => {
    const socket = connect({
      host: address.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: address.port === "" ? 80 : Number(address.port),
      timeout: Math.min(patienceMs, timeoutMs),
    });
    let received = Buffer.alloc(0);
    const end = (settle: () => void) => {
      socket.destroy();
      settle();
    };
    socket.on("connect", () => socket.write(greeting));
    socket.on("data", (part) => {
      received = Buffer.concat([received, part]);
      if (received.length >= 4) end(() => resolve(received));
    });
    socket.on("end", () => end(() => resolve(received)));
    socket.on("timeout", () => end(() => reject(unavailable("it takes connections and does not answer", grpcUrl))));
    socket.on("error", (error) => end(() => reject(connectionFailure(error, grpcUrl))));
  });
  if (first[3] === settingsFrame) return;
  throw new IsthmusError(
    "config_invalid",
    `${grpcUrl} does not speak gRPC: WEAVIATE_GRPC_URL must name Weaviate's gRPC port (50051), not its HTTP port.`,
  );
}
