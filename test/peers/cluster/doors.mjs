// `node doors.mjs SOCKET`: the doors between this machine and a network of its own. A Unix socket knows no network namespace, so one
// process within stands at both ends: who connects to SOCKET says in one line of JSON where to go, and is joined to that place.
//
//   {"host","port","from"?}          joined to that address within, from that address of ours
//   {"listen":{"host","port"},"to"}  from now on a connection to that address within is joined to the Unix socket `to`
import { connect, createServer } from "node:net";
import process from "node:process";

function join(one, other) {
  one.pipe(other).pipe(one);
  for (const [mine, its] of [
    [one, other],
    [other, one],
  ]) {
    mine.on("error", () => its.destroy());
    // Who ends in good order may leave bytes behind that still have to arrive.
    mine.on("close", () => mine.readableEnded || its.destroy());
  }
}

function window({ listen, to }, asker) {
  const server = createServer({ allowHalfOpen: true }, (inside) =>
    join(inside, connect({ path: to, allowHalfOpen: true })),
  );
  server.on("error", (error) => asker.end(`${error.message}\n`));
  server.listen(listen.port, listen.host, () => asker.end("open\n"));
}

createServer({ allowHalfOpen: true }, (asker) => {
  let asked = Buffer.alloc(0);
  asker.on("error", () => {});
  asker.on("data", function read(piece) {
    asked = Buffer.concat([asked, piece]);
    const end = asked.indexOf(10);
    if (end < 0) return;
    asker.off("data", read);
    asker.pause();
    const wish = JSON.parse(asked.subarray(0, end).toString());
    if (wish.listen !== undefined) return window(wish, asker);
    const inside = connect({
      host: wish.host,
      port: wish.port,
      allowHalfOpen: true,
      ...(wish.from !== undefined && { localAddress: wish.from }),
    });
    inside.write(asked.subarray(end + 1));
    join(asker, inside);
  });
}).listen(process.argv[2]);
