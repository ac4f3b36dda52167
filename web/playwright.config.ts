import { defineConfig } from "@playwright/test";

export default defineConfig({
    testDir: "e2e",
    testMatch: process.env["BENCH"] ? "*.bench.ts" : "*.spec.ts",
    outputDir: "e2e/results",
    fullyParallel: true,
    workers: 2,
    // Deadlines, not pauses: on a machine that is busy otherwise everything takes longer, and is right all the same.
    timeout: 180_000,
    expect: { timeout: 30_000 },
    // A browser that dies is not our fault; what passes only at the second or third time is reported as flaky.
    retries: process.env["CI"] ? 2 : 0,
    reporter: [["list"]],
    use: {
        launchOptions: {
            executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
            args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-component-update", "--disable-sync"],
        },
        locale: "en",
        viewport: { width: 1280, height: 800 },
        // A trace of every step costs a third of the time: TRACE=1 to find out why a journey failed.
        trace: process.env["TRACE"] ? "retain-on-failure" : "off",
    },
});
