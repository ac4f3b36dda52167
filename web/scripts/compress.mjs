// Writes brotli and gzip copies of every file of the build that becomes smaller.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = resolve(import.meta.dirname, "../../pb_public/dist");
const worthwhile = /\.(js|css|html|svg|json|txt)$/;

for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !worthwhile.test(file)) continue;
    const plain = await readFile(file);
    const brotli = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
    const gzip = gzipSync(plain, { level: 9 });
    if (brotli.length < plain.length) await writeFile(`${file}.br`, brotli);
    if (gzip.length < plain.length) await writeFile(`${file}.gz`, gzip);
}
