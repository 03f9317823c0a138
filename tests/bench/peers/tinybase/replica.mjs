// TinyBase: a mergeable store, a row per customer, a cell per field; cells hold lists as they are.
//
// That is its own granularity: every cell has a stamp of a hybrid logical clock, which here reads the edits' times.
// Two stores meet over a socket with a custom synchronizer, as documented: hashes of tables, rows, cells, then what
// differs, until the hashes of both are equal. Nothing is kept on a disk but the merged content, once, after.
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import readline from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { createMergeableStore } from "tinybase";
import { createCustomSynchronizer } from "tinybase/synchronizers";
import { customers, main, runTill, versionOf } from "../replay.mjs";

const PATIENCE_S = 3600;
const LOOK_MS = 100;
const DAY_MS = 1_799_913_600_000;
const EVENING_MS = DAY_MS + 21 * 3_600_000;

class Replica {
  constructor(folder) {
    this.now = DAY_MS;
    this.store = createMergeableStore(`till${folder.who}`, () => this.now);
    this.store.setMergeableContent(JSON.parse(fs.readFileSync(path.join(folder.where, "base"), "utf8")));
  }

  edit({ at_ms, customer, field, value }) {
    this.now = at_ms;
    this.store.setCell("customers", customer, field, value);
  }

  // Both shops have closed: it takes no stamp that is far ahead of its own clock.
  offlineDayEnds() {
    this.now = EVENING_MS;
  }

  async exchange(folder) {
    const socket = await meet(folder);
    const send = (_to, request, message, body) => {
      const raw = Buffer.from(JSON.stringify([request, message, body], undefinedAsText) + "\n");
      folder.count(raw);
      socket.write(raw);
    };
    let receive;
    const listen = (given) => (receive = given);
    const synchronizer = createCustomSynchronizer(this.store, send, listen, () => socket.end(), PATIENCE_S);
    const started = synchronizer.startSync();
    // What came before this store had started would go unanswered, so that it is read only from here on.
    readline.createInterface({ input: socket }).on("line", (text) => {
      const [request, message, body] = JSON.parse(text, textAsUndefined);
      receive(`till${5 - folder.who}`, request, message, body);
    });
    await started;
    for (let look = 0; ; look++) {
      const hashes = JSON.stringify(this.store.getMergeableContentHashes());
      folder.lay(`hashes${look}.${folder.who}`, hashes);
      if ((await folder.find(`hashes${look}.${5 - folder.who}`)).toString() === hashes) break;
      await sleep(LOOK_MS);
    }
    const file = fs.openSync(path.join(folder.where, `content.${folder.who}`), "w");
    fs.writeSync(file, JSON.stringify(this.store.getMergeableContent()));
    fs.fsyncSync(file);
    fs.closeSync(file);
  }

  *states() {
    for (const customer of this.store.getRowIds("customers"))
      yield { customer, fields: this.store.getRow("customers", customer), conflicts: {}, history: {} };
  }

  facts() {
    return { version: versionOf(import.meta, "tinybase") };
  }
}

// JSON has no undefined; TinyBase's own synchronizers write it as this character.
const UNDEFINED = "\uFFFC";
const undefinedAsText = (_key, value) => (value === undefined ? UNDEFINED : value);
const textAsUndefined = (_key, value) => (value === UNDEFINED ? undefined : value);

// Till 2 listens, till 3 calls.
function meet(folder) {
  const door = path.join(folder.where, "line");
  return new Promise((resolve) => {
    if (folder.who === 2) net.createServer(resolve).listen(door, () => folder.lay("open"));
    else folder.find("open").then(() => { const socket = net.connect(door, () => resolve(socket)); });
  });
}

async function seed(workload, folder) {
  const store = createMergeableStore("head office", () => DAY_MS);
  for await (const [customer, fields] of customers(workload)) store.setRow("customers", customer, fields);
  folder.lay("base", JSON.stringify(store.getMergeableContent()));
}

await main({ seed, till: (workload, folder) => runTill(new Replica(folder), workload, folder) });
