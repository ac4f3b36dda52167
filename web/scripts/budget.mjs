// Fails if the first load has become too heavy for an old phone: what the page and the list of messages need.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

const limits = { js: 75_000, css: 8_000 };
const dist = resolve(import.meta.dirname, "../../pb_public/dist");
const manifest = JSON.parse(await readFile(join(dist, ".vite/manifest.json"), "utf8"));

/** What a member's first load fetches: the entry, the messages, and English. */
const entries = ["index.html", "src/screens/messages/Messages.svelte", "src/screens/messages/Thread.svelte"];
const words = ["core", "messages"].map((area) => `src/locales/en/${area}.json`);

const files = new Set();
function gather(key) {
    const chunk = manifest[key];
    if (!chunk) return;
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
    for (const next of chunk.imports ?? []) gather(next);
}
[...entries, ...words].forEach(gather);

const sums = { js: 0, css: 0 };
for (const file of [...files, "theme.js"]) {
    const kind = file.split(".").at(-1);
    sums[kind] += gzipSync(await readFile(join(dist, file)), { level: 9 }).length;
}
for (const [kind, limit] of Object.entries(limits)) {
    console.log(`first load, ${kind}: ${sums[kind]} of ${limit} bytes gzipped`);
    if (sums[kind] > limit) process.exitCode = 1;
}
