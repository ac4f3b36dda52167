import { svelte } from "@sveltejs/vite-plugin-svelte";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";

/**
 * The modules of the first screen, bundled into one file: many small files compress worse and need more requests, which is
 * slow on a bad connection.
 */
const first = new RegExp(
    [
        "node_modules/(svelte|idb|valibot)/",
        "node_modules/@lucide/svelte/dist/(Icon|utils|context|icons/(x|arrow-left|users-round)\\.)",
        "src/lib/(i18n|router|session)/(?!accent)",
        "src/lib/api/(auth|client|errors|schemas|accounts|conversations|messages)\\.ts",
        "src/lib/sync/(bus|database|inbox|outbox|send|sync)\\.",
        "src/lib/ui/(Avatar|Badge|Button|EmptyState|IconButton|Notice|Skeleton|Tabs|toasts)\\.",
        "src/screens/messages/names\\.ts",
    ].join("|"),
);

const server = process.env.CARECOLLECTIVE_URL ?? "http://127.0.0.1:8090";

export default defineConfig({
    plugins: [
        svelte(),
        VitePWA({
            strategies: "injectManifest",
            srcDir: "src/worker",
            filename: "worker.ts",
            injectRegister: false,
            manifest: false, // the server generates it, because it contains the collective's name
            injectManifest: { globPatterns: ["**/*.{js,css,html,svg,png,woff2}"], globIgnores: ["**/Moderation*"] },
        }),
    ],
    // Without this, happy-dom would load Svelte's server build.
    resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
    build: {
        outDir: "../pb_public/dist",
        emptyOutDir: true,
        target: "es2022",
        manifest: true, // for scripts/budget.mjs
        assetsInlineLimit: 0, // the content security policy allows no data: scripts, styles or fonts
        modulePreload: { polyfill: false }, // it would be an inline script
        rolldownOptions: { output: { codeSplitting: { groups: [{ name: "first", test: first }] } } },
    },
    server: { proxy: { "/api": server, "/manifest.webmanifest": server, "/branding": server } },
    test: {
        environment: "happy-dom",
        include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
        setupFiles: ["tests/setup.ts"],
        testTimeout: 30_000, // a deadline for what hangs, not for a busy machine
    },
});
