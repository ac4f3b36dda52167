import { defineConfig } from "@playwright/test";

export default defineConfig({
    testDir: "e2e",
    outputDir: "e2e/results",
    fullyParallel: true,
    workers: 2,
    timeout: 60_000,
    expect: { timeout: 10_000 },
    reporter: [["list"]],
    use: {
        launchOptions: {
            executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
            args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-component-update", "--disable-sync"],
        },
        locale: "en",
        viewport: { width: 1280, height: 800 },
        trace: "retain-on-failure",
    },
});
