// RxDB: a document per customer, in memory, a hub of its own websocket replication between.
//
// The document is its unit of replication and of conflict. Storage in memory: the free one for Node.js without a server
// of its own, and the fastest. The conflict handler is the default, which keeps what the hub has; an application may
// write its own, which sees both documents (and no times but those that it stores itself). Batches of 1 000: with the
// default of 100 there are more requests.
import { createRxDatabase } from "rxdb/plugins/core";
import { replicateWithWebsocketServer, startWebsocketServer } from "rxdb/plugins/replication-websocket";
import { getRxStorageMemory } from "rxdb/plugins/storage-memory";
import { countingDoor, customers, main, runHub, runTill, versionOf } from "../replay.mjs";

const BATCH = 1000;
const ID = { type: "string", maxLength: 16 };

async function openCustomers(name, fields) {
  const database = await createRxDatabase({ name, storage: getRxStorageMemory(), multiInstance: false });
  const properties = { id: ID, ...Object.fromEntries(fields.map((field) => [field, {}])) };
  const schema = { version: 0, primaryKey: "id", type: "object", properties, required: ["id"] };
  await database.addCollections({ customers: { schema } });
  return database.customers;
}

async function fieldsOf(workload) {
  for await (const [, fields] of customers(workload)) return Object.keys(fields);
}

class Replica {
  static async open(workload, folder) {
    const replica = new Replica();
    replica.customers = await openCustomers(`till${folder.who}`, await fieldsOf(workload));
    replica.line = await replicateWithWebsocketServer({
      replicationIdentifier: `till${folder.who}`,
      collection: replica.customers,
      url: `ws://127.0.0.1:${await folder.find("door")}`,
      batchSize: BATCH,
      live: true,
    });
    replica.line.error$.subscribe((error) => console.error(error.message));
    await replica.line.awaitInitialReplication();
    await replica.line.pause();
    return replica;
  }

  async edit({ customer, field, value }) {
    const document = await this.customers.findOne(customer).exec();
    await document.incrementalPatch({ [field]: value });
  }

  async exchange(folder) {
    await this.line.start();
    await this.line.awaitInSync();
    await folder.meet("pushed");
    this.line.reSync();
    await this.line.awaitInSync();
    folder.lay(`over.${folder.who}`);
  }

  async *states() {
    for (const document of await this.customers.find().exec()) {
      const { id: customer, ...fields } = document.toJSON();
      yield { customer, fields, conflicts: {}, history: {} };
    }
  }

  facts() {
    return { version: versionOf(import.meta, "rxdb") };
  }
}

async function hub(workload, folder) {
  const here = await openCustomers("hub", await fieldsOf(workload));
  let part = [];
  for await (const [id, fields] of customers(workload)) {
    part.push({ id, ...fields });
    if (part.length === BATCH) await here.bulkInsert(part.splice(0));
  }
  await here.bulkInsert(part);
  const { server } = startWebsocketServer({ database: here.database, port: 0, host: "127.0.0.1" });
  if (!server.address()) await new Promise((resolve) => server.once("listening", resolve));
  await runHub(folder, await countingDoor(server.address().port));
}

await main({ hub, till: async (workload, folder) => runTill(await Replica.open(workload, folder), workload, folder) });
