// Automerge: a document per hundred customers, texts as immutable strings.
//
// Its documentation advises a document per unit of collaboration: a customer here. Measured with 20 000 such documents:
// a millisecond to open each, and a sync dialogue of some 650 bytes for each. One document for all: a change copies the
// map of 20 000 keys and slows with the document's size (over 10 ms each), and merging is worse than linear in the
// changes. A hundred customers to a document is between the two and the best of those tried (1, 100, all).
// A plain string is a collaborative text to Automerge; a value that is replaced whole is an ImmutableString, a list its
// JSON. A change per edit, with its time. Exchange by the sync protocol, as documented; saved incrementally after.
import fs from "node:fs";
import path from "node:path";
import * as Automerge from "@automerge/automerge";
import { customers, main, runTill, versionOf } from "../replay.mjs";

const CUSTOMERS_A_DOCUMENT = 100;
const whole = (value) => new Automerge.ImmutableString(JSON.stringify(value));
const plain = (value) => JSON.parse(value.toString());

class Replica {
  constructor(folder) {
    this.folder = folder;
    const base = JSON.parse(fs.readFileSync(path.join(folder.where, "base")));
    this.documents = base.map((text) => Automerge.load(Buffer.from(text, "base64")));
    this.shared = this.documents.map((document) => Automerge.getHeads(document));
    this.place = new Map();
    this.documents.forEach((document, at) => Object.keys(document).forEach((customer) => this.place.set(customer, at)));
  }

  edit({ at_ms, customer, field, value }) {
    const at = this.place.get(customer);
    const options = { time: Math.floor(at_ms / 1000) };
    this.documents[at] = Automerge.change(this.documents[at], options, (draft) => {
      draft[customer][field] = whole(value);
    });
  }

  // Rounds of messages, one per document that still has something to say, until neither side has any.
  async exchange(folder) {
    const talks = this.documents.map(() => Automerge.initSyncState());
    for (let round = 0; ; round++) {
      const sent = this.documents.map((document, at) => {
        const [talk, message] = Automerge.generateSyncMessage(document, talks[at]);
        talks[at] = talk;
        if (message) folder.count(Buffer.from(message));
        return message && Buffer.from(message).toString("base64");
      });
      folder.lay(`round${round}.${folder.who}`, JSON.stringify(sent));
      const received = JSON.parse(await folder.find(`round${round}.${5 - folder.who}`));
      if (!sent.some(Boolean) && !received.some(Boolean)) break;
      received.forEach((text, at) => {
        if (!text) return;
        const message = Buffer.from(text, "base64");
        [this.documents[at], talks[at]] = Automerge.receiveSyncMessage(this.documents[at], talks[at], message);
      });
    }
    const file = fs.openSync(path.join(folder.where, `log.${folder.who}`), "w");
    this.documents.forEach((document, at) => fs.writeSync(file, Automerge.saveSince(document, this.shared[at])));
    fs.fsyncSync(file);
    fs.closeSync(file);
  }

  *states() {
    for (const [customer, at] of this.place) {
      const row = this.documents[at][customer];
      const conflicts = {};
      for (const field of Object.keys(row)) {
        const values = Automerge.getConflicts(row, field);
        if (values) conflicts[field] = Object.values(values).map(plain);
      }
      const fields = Object.fromEntries(Object.entries(row).map(([field, value]) => [field, plain(value)]));
      yield { customer, fields, conflicts, history: {} };
    }
  }

  facts() {
    return { version: versionOf(import.meta, "@automerge/automerge") };
  }
}

async function seed(workload, folder) {
  const base = [];
  let part = {};
  const save = () => {
    if (Object.keys(part).length) base.push(Buffer.from(Automerge.save(Automerge.from(part))).toString("base64"));
    part = {};
  };
  for await (const [customer, fields] of customers(workload)) {
    part[customer] = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, whole(value)]));
    if (Object.keys(part).length === CUSTOMERS_A_DOCUMENT) save();
  }
  save();
  folder.lay("base", JSON.stringify(base));
}

await main({ seed, till: (workload, folder) => runTill(new Replica(folder), workload, folder) });
