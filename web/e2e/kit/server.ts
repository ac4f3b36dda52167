// Starts the real binary with its own data directory, and stops it.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The binary that `make` built, or the one that CARECOLLECTIVE names. */
const binary = resolve(import.meta.dirname, process.env["CARECOLLECTIVE"] ?? "../../../carecollective");

export class Server {
    #child: ChildProcess | undefined;

    private constructor(
        readonly directory: string,
        readonly port: number,
    ) {}

    /** Starts a server with an empty data directory and the default settings of `serve`. */
    static async start(): Promise<Server> {
        const server = new Server(await mkdtemp(join(tmpdir(), "carecollective-web-")), await freePort());
        await server.serve();
        return server;
    }

    get url(): string {
        return `http://127.0.0.1:${this.port}`;
    }

    /** Starts or restarts the server, and resolves once it answers. */
    async serve(): Promise<void> {
        const child = spawn(binary, ["serve", "--http", `127.0.0.1:${this.port}`], { cwd: this.directory });
        this.#child = child;
        let said = "";
        await new Promise<void>((ready, fail) => {
            const listen = (chunk: Buffer) => {
                said += chunk;
                if (/Server started at/.test(said)) ready();
            };
            child.stdout.on("data", listen);
            child.stderr.on("data", listen);
            child.once("error", fail);
            child.once("exit", () => fail(new Error(`${binary} has ended: ${said}`)));
        });
    }

    /** Kills the server without a clean shutdown. */
    async kill(): Promise<void> {
        await this.#end("SIGKILL");
    }

    /** Runs another command beside the server, and returns its output. */
    async command(...args: string[]): Promise<string> {
        const { stdout } = await run(binary, args, { cwd: this.directory });
        return stdout;
    }

    /** Returns the emails that the server wrote to files, as it does without a mail server. */
    async mails(): Promise<string[]> {
        const outbox = join(this.directory, "pb_data", "outbox");
        const names = (await readdir(outbox)).filter((name) => name.endsWith(".eml"));
        return Promise.all(names.map((name) => readFile(join(outbox, name), "utf8")));
    }

    async stop(): Promise<void> {
        await this.#end("SIGTERM");
        await rm(this.directory, { recursive: true });
    }

    async #end(signal: NodeJS.Signals): Promise<void> {
        const child = this.#child;
        if (!child || child.exitCode !== null) return;
        const ended = new Promise((done) => child.once("close", done));
        child.kill(signal);
        await ended;
    }
}

/** Returns a free port, which the server keeps over a restart. */
function freePort(): Promise<number> {
    return new Promise((found, fail) => {
        const probe = createServer();
        probe.once("error", fail);
        probe.listen(0, "127.0.0.1", () => {
            const address = probe.address();
            probe.close(() => found(typeof address === "object" && address ? address.port : 0));
        });
    });
}
