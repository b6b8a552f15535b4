import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { it } from "node:test";
import { deskFor } from "../support/cli.ts";

it("a command waits for its last numbers, though they keep no process alive", async (context) => {
  const desk = deskFor(context);
  desk.write("a.md", "# A\n\nText.");
  const told: string[] = [];
  const answer = (response: ServerResponse) =>
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      told.push(request.url ?? "");
      if (request.url === "/v1/traces") answer(response);
      // When all else of the process is done.
      else setTimeout(answer, 500, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  desk.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  desk.environment["OTEL_EXPORTER_OTLP_TIMEOUT"] = "60000";
  const { code, stderr } = await desk.run("ingest", join(desk.folder, "documents"));
  assert.equal(code, 0, stderr);
  assert.deepEqual([...new Set(told)].sort(), ["/v1/metrics", "/v1/traces"]);
});
