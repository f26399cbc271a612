// Runs one emulator on a free loopback port, prints "listening <port>", and ends when its standard input does, so that
// none is left behind by a test run that dies.
import { buildApp } from "fauxqs";
import dynalite from "dynalite";

process.stdin.on("end", () => process.exit(0)).resume();

switch (process.argv[2]) {
  case "fauxqs": {
    const app = buildApp({ logger: false });
    await app.listen({ port: 0, host: "127.0.0.1" });
    console.log(`listening ${app.server.address().port}`);
    break;
  }
  case "dynalite": {
    const server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0, maxItemSizeKb: 400 });
    server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
    break;
  }
  default:
    console.error("usage: emulator.mjs fauxqs|dynalite");
    process.exit(2);
}
