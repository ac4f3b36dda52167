// Starts the real binary with its own data directory, and stops it.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The binary that `make` built, or the one that CARECOLLECTIVE names. */
const binary = resolve(import.meta.dirname, process.env.CARECOLLECTIVE ?? "../carecollective");

/**
 * Starts a server with an empty data directory and the default settings of `serve`.
 * @returns {Promise<Server>}
 */
export async function startServer() {
    const directory = await mkdtemp(join(tmpdir(), "carecollective-e2e-"));
    const child = spawn(binary, ["serve", "--http", "127.0.0.1:0"], { cwd: directory });
    let complaints = "";
    child.stderr.on("data", (chunk) => (complaints += chunk));
    const ended = new Promise((done) => child.once("close", done).once("error", done));

    const url = await Promise.race([address(child), ended]);
    if (typeof url !== "string") {
        await rm(directory, { recursive: true });
        throw new Error(`${binary} does not start (build it with \`make build\`): ${complaints}`);
    }
    return new Server(url, directory, child, ended);
}

/** Reads the URL from the server's first output lines. */
async function address(child) {
    for await (const line of createInterface({ input: child.stdout })) {
        const found = /Server started at (http:\S+)/.exec(line);
        if (found) {
            child.stdout.resume();
            return found[1];
        }
    }
}

class Server {
    constructor(url, directory, child, ended) {
        Object.assign(this, { url, directory, child, ended });
    }

    /** Runs another command on the same directory, and returns its output. */
    async command(...args) {
        const { stdout } = await run(binary, args, { cwd: this.directory });
        return stdout;
    }

    async stop() {
        this.child.kill("SIGTERM");
        await this.ended;
        await rm(this.directory, { recursive: true });
    }
}
