// A proxy that buffers event streams until they end, as some networks do.
import { createServer, request, type Server as Http } from "node:http";
import type { AddressInfo } from "node:net";

/** Starts the proxy between a browser and a server on this machine. */
export async function holdingProxy(port: number): Promise<{ url: string; close: () => Promise<void> }> {
    const proxy: Http = createServer((asked, answer) => {
        const { method, url: path, headers } = asked;
        const onward = request({ port, method, path, headers }, (got) => {
            const held: Buffer[] = [];
            const isStream = /event-stream/.test(got.headers["content-type"] ?? "");
            if (!isStream) {
                answer.writeHead(got.statusCode!, got.headers);
                got.pipe(answer);
                return;
            }
            got.on("data", (chunk: Buffer) => held.push(chunk));
            got.on("end", () => answer.writeHead(got.statusCode!, got.headers).end(Buffer.concat(held)));
        });
        onward.on("error", () => answer.destroy());
        answer.on("close", () => onward.destroy());
        asked.pipe(onward);
    });
    await new Promise<void>((ready) => proxy.listen(0, "127.0.0.1", ready));
    return {
        url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
        close: () => {
            proxy.closeAllConnections();
            return new Promise((closed) => proxy.close(() => closed()));
        },
    };
}
