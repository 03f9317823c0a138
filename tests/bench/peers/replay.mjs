// What an adapter in JavaScript does: the same steps and words as replay.py, which tells about them.
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import readline from "node:readline";
import zlib from "node:zlib";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;

async function* linesOf(workload) {
  for await (const text of readline.createInterface({ input: fs.createReadStream(workload) })) yield JSON.parse(text);
}

// [id, fields] of each customer; the file is never held whole, so that it does not count as anybody's memory.
export async function* customers(workload) {
  for await (const line of linesOf(workload)) {
    if (!line.fields) return;
    yield [line.customer, line.fields];
  }
}

export async function* edits(workload, till) {
  for await (const line of linesOf(workload)) if (line.till === till) yield line;
}

export function say(step, more = {}) {
  fs.writeSync(1, JSON.stringify({ step, ...more }) + "\n");
}

export function awaitWord() {
  return new Promise((resolve) => process.stdin.once("data", resolve).once("end", () => process.exit(1)));
}

export function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function peakRssMb() {
  return Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
}

// Where tills of one run meet: files that appear whole.
export class Folder {
  constructor(where, who) {
    Object.assign(this, { where, who, sentBytes: 0, deflatedBytes: 0, ownCpuS: 0 });
  }

  // A message of a library, counted; `raw` is a Buffer.
  count(raw) {
    this.sentBytes += raw.length;
    const began = cpuSeconds();
    this.deflatedBytes += Math.min(raw.length, zlib.deflateSync(raw).length);
    this.ownCpuS += cpuSeconds() - began;
  }

  lay(name, raw = "") {
    fs.writeFileSync(path.join(this.where, `${name}.part`), raw);
    fs.renameSync(path.join(this.where, `${name}.part`), path.join(this.where, name));
  }

  async find(name) {
    while (!fs.existsSync(path.join(this.where, name))) await sleep(POLL_MS);
    return fs.readFileSync(path.join(this.where, name));
  }

  // Both tills have come to this point.
  async meet(point) {
    this.lay(`${point}.${this.who}`);
    await this.find(`${point}.${5 - this.who}`);
  }
}

// The whole life of a till. `replica`: edit, exchange, states (async iterable), facts, and perhaps offlineDayEnds.
export async function runTill(replica, workload, folder) {
  let began = cpuSeconds();
  for await (const edit of edits(workload, folder.who)) await replica.edit(edit);
  await replica.offlineDayEnds?.();
  const editCpuS = cpuSeconds() - began;
  say("ready");
  await awaitWord();
  began = cpuSeconds();
  await replica.exchange(folder);
  const cpuS = cpuSeconds() - began - folder.ownCpuS;
  say("done", {
    cpu_s: cpuS,
    edit_cpu_s: editCpuS,
    sent_bytes: folder.sentBytes,
    deflated_bytes: folder.deflatedBytes,
    rss_mb: peakRssMb(),
    ...replica.facts(),
  });
  const out = fs.openSync(path.join(folder.where, `state.${folder.who}`), "w");
  for await (const state of replica.states()) fs.writeSync(out, JSON.stringify(state) + "\n");
  fs.closeSync(out);
  say("written");
  process.exit(0);
}

// A door before a server of a library: counts what the tills send through it, from the word on. Listens on loopback.
export async function countingDoor(inner) {
  const counted = { on: false, sentBytes: 0, deflatedBytes: 0, deflating: [] };
  const door = net.createServer((outside) => {
    const inside = net.connect(inner, "127.0.0.1");
    outside.on("data", (chunk) => {
      if (!counted.on) return;
      counted.sentBytes += chunk.length;
      counted.deflating.push(chunk);
    });
    outside.pipe(inside).pipe(outside);
    for (const socket of [outside, inside]) socket.on("error", () => (outside.destroy(), inside.destroy()));
  });
  await new Promise((resolve) => door.listen(0, "127.0.0.1", resolve));
  return { port: door.address().port, counted };
}

// A hub's life: ready, the word, both tills done, its count.
export async function runHub(folder, { port, counted }) {
  folder.lay("door", String(port));
  say("ready");
  await awaitWord();
  counted.on = true;
  await Promise.all([2, 3].map((who) => folder.find(`over.${who}`)));
  const deflated = zlib.deflateSync(Buffer.concat(counted.deflating)).length;
  say("done", { sent_bytes: counted.sentBytes, deflated_bytes: deflated });
  process.exit(0);
}

export function versionOf(meta, name) {
  return JSON.parse(fs.readFileSync(new URL(`node_modules/${name}/package.json`, meta.url))).version;
}

// What to do of seed, hub, till; `parts` holds a function for each that there is.
export async function main(parts) {
  const [step, workload, where, who] = process.argv.slice(2);
  await parts[step](workload, new Folder(where, who ? Number(who) : step));
}
