import { expect, test } from "vitest";

import { write } from "./catalogue";

test.each([
    ["a text", "Hello", {}, "Hello"],
    ["a name", "Hello {name}", { name: "Amara" }, "Hello Amara"],
    ["a number as the language writes it", "{count} members", { count: 12000 }, "12,000 members"],
    ["one", { one: "{count} message", other: "{count} messages" }, { count: 1 }, "1 message"],
    ["many", { one: "{count} message", other: "{count} messages" }, { count: 3 }, "3 messages"],
    ["what is missing, so that it is seen", "Hello {name}", {}, "Hello {name}"],
    ["a name that looks like a placeholder only once", "{a} {b}", { a: "{b}", b: "x" }, "{b} x"],
])("%s is written out", (_, entry, params, text) => {
    expect(write(entry, "en", params as Record<string, string>)).toBe(text);
});
