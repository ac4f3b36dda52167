import { defineConfig } from "@playwright/test";

export default defineConfig({
    testDir: "e2e",
    testMatch: process.env["BENCH"] ? "*.bench.ts" : "*.spec.ts",
    outputDir: "e2e/results",
    fullyParallel: true,
    workers: 2,
    // Upper limits, generous because tests also run on busy machines.
    timeout: 180_000,
    expect: { timeout: 30_000 },
    // Browsers sometimes crash. A test that passes on a retry is reported as flaky.
    retries: process.env["CI"] ? 2 : 0,
    reporter: [["list"]],
    use: {
        launchOptions: {
            executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
            args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-component-update", "--disable-sync"],
        },
        locale: "en",
        viewport: { width: 1280, height: 800 },
        // Traces slow the tests down by a third. Set TRACE=1 to debug a failure.
        trace: process.env["TRACE"] ? "retain-on-failure" : "off",
    },
});
