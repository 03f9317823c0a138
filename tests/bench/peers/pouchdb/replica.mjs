// PouchDB: a document per customer, LevelDB on the disk, a hub of express-pouchdb between.
//
// The document is its unit of replication and of conflict; a document per field would be 300 000 of them. Which of two
// revisions stands is decided by the longer history, then by the greater hash: the same everywhere, and not by time; the
// other stays as a conflict that can be read. `batch_size` is 1 000: the default of 100 needs more requests.
import path from "node:path";
import fs from "node:fs";
import PouchDB from "pouchdb";
import { countingDoor, customers, main, runHub, runTill, versionOf } from "../replay.mjs";

const BATCH = { batch_size: 1000 };
const inFolder = (where) => PouchDB.defaults({ prefix: where + path.sep });

class Replica {
  static async open(folder) {
    const replica = new Replica();
    replica.here = new (inFolder(folder.where))(`till${folder.who}`);
    replica.hub = new PouchDB(`http://127.0.0.1:${await folder.find("door")}/customers`);
    await replica.here.replicate.from(replica.hub, BATCH);
    return replica;
  }

  async edit({ customer, field, value }) {
    const document = await this.here.get(customer);
    document[field] = value;
    await this.here.put(document);
  }

  async exchange(folder) {
    await this.here.replicate.to(this.hub, BATCH);
    await folder.meet("pushed");
    await this.here.replicate.from(this.hub, BATCH);
    folder.lay(`over.${folder.who}`);
  }

  async *states() {
    const { rows } = await this.here.allDocs({ include_docs: true, conflicts: true });
    for (const { doc } of rows) {
      const { _id: customer, _rev, _conflicts: revisions = [], ...fields } = doc;
      const conflicts = {};
      for (const rev of revisions) {
        const other = await this.here.get(customer, { rev });
        for (const field of Object.keys(fields)) (conflicts[field] ??= []).push(other[field]);
      }
      yield { customer, fields, conflicts, history: {} };
    }
  }

  facts() {
    return { version: versionOf(import.meta, "pouchdb") };
  }
}

async function hub(workload, folder) {
  const where = path.join(folder.where, "hub");
  fs.mkdirSync(where);
  const Databases = inFolder(where);
  const here = new Databases("customers");
  let part = [];
  for await (const [_id, fields] of customers(workload)) {
    part.push({ _id, ...fields });
    if (part.length === 1000) await here.bulkDocs(part.splice(0));
  }
  await here.bulkDocs(part);
  const { default: express } = await import("express");
  const { default: expressPouchdb } = await import("express-pouchdb");
  const options = { mode: "minimumForPouchDB", inMemoryConfig: true, logPath: path.join(where, "log") };
  const server = express().use("/", expressPouchdb(Databases, options)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  await runHub(folder, await countingDoor(server.address().port));
}

await main({ hub, till: async (workload, folder) => runTill(await Replica.open(folder), workload, folder) });
