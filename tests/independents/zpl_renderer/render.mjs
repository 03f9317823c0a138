// A label on standard input, its picture (PNG) on standard output: node render.mjs WIDTH_MM HEIGHT_MM DOTS_PER_MM
import { readFileSync, writeSync } from "node:fs";
import { ready } from "zpl-renderer-js";

const [widthMm, heightMm, dotsPerMm] = process.argv.slice(2).map(Number);
const { api } = await ready;
const picture = await api.zplToBase64Async(readFileSync(0, "utf-8"), widthMm, heightMm, dotsPerMm);
const png = Buffer.from(picture, "base64");
for (let at = 0; at < png.length; ) at += writeSync(1, png, at);
process.exit(0);
