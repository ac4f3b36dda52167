// Runs Lighthouse on the built client with phone settings. Fails below our targets.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import lighthouse, { desktopConfig } from "lighthouse";
import { launch } from "chrome-launcher";

const wanted = { performance: 95, accessibility: 100, "best-practices": 100 };
const binary = resolve(import.meta.dirname, process.env.CARECOLLECTIVE ?? "../../carecollective");

const directory = await mkdtemp(join(tmpdir(), "carecollective-lighthouse-"));
const server = spawn(binary, ["serve", "--http", "127.0.0.1:0"], { cwd: directory });
const chrome = await launch({
    chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    chromeFlags: ["--headless", "--no-sandbox", "--disable-gpu"],
});
try {
    const url = await address(server);
    for (const [name, config] of Object.entries({ phone: undefined, desk: desktopConfig })) {
        const options = { port: chrome.port, onlyCategories: Object.keys(wanted), logLevel: "error" };
        const { lhr } = await lighthouse(`${url}/signin`, options, config);
        for (const [category, least] of Object.entries(wanted)) {
            const score = Math.round((lhr.categories[category].score ?? 0) * 100);
            console.log(`${name}, ${category}: ${score}`);
            if (name === "phone" && score < least) process.exitCode = 1;
        }
        for (const audit of Object.values(lhr.audits)) {
            if (audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode !== "informative") {
                console.log(`  ${audit.id}: ${audit.displayValue ?? audit.title}`);
            }
        }
    }
} finally {
    await chrome.kill();
    server.kill("SIGTERM");
    await new Promise((done) => server.once("close", done));
    await rm(directory, { recursive: true });
}

async function address(child) {
    for await (const line of createInterface({ input: child.stdout })) {
        const found = /Server started at (http:\S+)/.exec(line);
        if (found) {
            child.stdout.resume();
            return found[1];
        }
    }
    throw new Error("the server does not start");
}
