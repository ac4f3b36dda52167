// A mail server for tests: the part of RFC 5321 that is needed to receive emails.
import { createServer, type Server as Listener, type Socket } from "node:net";

interface Mail {
    to: string;
    /** The decoded text, with complete links. */
    text: string;
}

export class MailServer {
    #mails: Mail[] = [];
    #taken = new Set<Mail>();
    #arrived = new Set<() => void>();

    private constructor(readonly listener: Listener) {}

    static async start(): Promise<MailServer> {
        const server = new MailServer(createServer());
        server.listener.on("connection", (socket) => server.#talk(socket));
        await new Promise<void>((ready) => server.listener.listen(0, "127.0.0.1", ready));
        return server;
    }

    get port(): number {
        const address = this.listener.address();
        if (typeof address !== "object" || !address) throw new Error("the mail server does not listen");
        return address.port;
    }

    /** Waits for an email to this address with a link to `path`, and returns the link. Each email is used once. */
    async link(to: string, path: string): Promise<string> {
        for (;;) {
            for (const mail of this.#mails) {
                if (mail.to !== to || this.#taken.has(mail)) continue;
                const found = new RegExp(`https?://[^\\s"<>]*${path}[\\w.-]+`).exec(mail.text)?.[0];
                if (!found) continue;
                this.#taken.add(mail);
                return found;
            }
            await new Promise<void>((come) => this.#arrived.add(come)); // limited by the test's timeout
        }
    }

    async stop(): Promise<void> {
        await new Promise((done) => this.listener.close(done));
    }

    #talk(socket: Socket): void {
        let [heard, to, body, inBody] = ["", "", "", false];
        const answer = (line: string) => socket.write(`${line}\r\n`);
        const hear = (line: string) => {
            if (inBody && line === ".") {
                inBody = false;
                this.#deliver({ to, text: read(body) });
                return answer("250 ok");
            }
            if (inBody) return void (body += `${line.replace(/^\./, "")}\r\n`);
            if (/^EHLO/i.test(line)) return answer("250 mail.example.org");
            if (/^RCPT/i.test(line)) to = /<(.*?)>/.exec(line)?.[1] ?? "";
            if (/^QUIT/i.test(line)) return void socket.end("221 bye\r\n");
            if (!/^DATA/i.test(line)) return answer("250 ok");
            [body, inBody] = ["", true];
            answer("354 go on");
        };
        answer("220 mail.example.org");
        socket.on("error", () => undefined); // a closed connection is no error
        socket.on("data", (chunk) => {
            heard += chunk.toString();
            for (let end = heard.indexOf("\r\n"); end >= 0; end = heard.indexOf("\r\n")) {
                const line = heard.slice(0, end);
                heard = heard.slice(end + 2);
                hear(line);
            }
        });
    }

    #deliver(mail: Mail): void {
        this.#mails.push(mail);
        for (const come of this.#arrived) come();
        this.#arrived.clear();
    }
}

/** Decodes the text of an email. */
export function read(body: string): string {
    const parts = body.split(/\r\n--[^\r\n]+\r\n/);
    return parts.map(decode).join("\n");
}

function decode(part: string): string {
    const [head = "", ...rest] = part.split("\r\n\r\n");
    const text = rest.join("\r\n\r\n");
    if (/base64/i.test(head)) return Buffer.from(text, "base64").toString();
    if (!/quoted-printable/i.test(head)) return text;
    const whole = text
        .replace(/=\r\n/g, "")
        .replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    return Buffer.from(whole, "latin1").toString();
}
