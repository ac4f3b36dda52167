// Fails if the first load is too large for an old phone.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

const dist = resolve(import.meta.dirname, "../../pb_public/dist");
const manifest = JSON.parse(await readFile(join(dist, ".vite/manifest.json"), "utf8"));

/** The entries that are loaded when a member opens the client, and when they open it at a conversation. */
const words = ["core", "messages"].map((area) => `src/locales/en/${area}.json`);
const list = ["index.html", "src/screens/messages/Messages.svelte", ...words];
const loads = {
    "the first load": { entries: list, js: 60_000, css: 8_000 },
    "the first load at a conversation": {
        entries: [...list, "src/screens/messages/ThreadView.svelte"],
        js: 75_000,
        css: 8_000,
    },
};

for (const [what, { entries, ...limits }] of Object.entries(loads)) {
    const sums = await weigh(entries);
    for (const [kind, limit] of Object.entries(limits)) {
        console.log(`${what}: ${sums[kind]} of ${limit} bytes of ${kind}, gzipped`);
        if (sums[kind] > limit) process.exitCode = 1;
    }
}

async function weigh(entries) {
    const files = new Set(["theme.js"]);
    const gather = (key) => {
        const chunk = manifest[key];
        if (!chunk) throw new Error(`the build has no ${key}`);
        for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
        for (const next of chunk.imports ?? []) gather(next);
    };
    entries.forEach(gather);
    const sums = { js: 0, css: 0 };
    for (const file of files)
        sums[file.split(".").at(-1)] += gzipSync(await readFile(join(dist, file)), { level: 9 }).length;
    return sums;
}
