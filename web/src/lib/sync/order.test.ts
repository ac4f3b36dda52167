import { expect, test } from "vitest";

import type { Message } from "../api/schemas";
import { leavesGap, merge, within } from "./order";
import { judge } from "./probe";

const message = (id: string, seq: number, updated_at = "1", created_at = "1") =>
    ({ id, seq, updated_at, created_at }) as Message;

test("messages are merged in order, each once", () => {
    const all = merge([message("a", 1), message("c", 3)], [message("b", 2), message("a", 1)]);
    expect(all.map((m) => m.id)).toEqual(["a", "b", "c"]);
});

test("the newer version is kept, whichever comes last", () => {
    const newer = { ...message("a", 1, "2"), content: "new" };
    const older = { ...message("a", 1, "1"), content: "old" };
    expect(merge([newer], [older])[0]?.content).toBe("new");
    expect(merge([older], [newer])[0]?.content).toBe("new");
});

test("held messages come last, by time", () => {
    const held = [message("y", 0, "1", "5"), message("x", 0, "1", "4")];
    expect(merge(held, [message("a", 1)]).map((m) => m.id)).toEqual(["a", "x", "y"]);
});

test.each([
    [3, 4, false],
    [3, 3, false],
    [3, 5, true],
])("after %i, %i leaves a gap: %s", (high, seq, gap) => {
    expect(leavesGap(high, seq)).toBe(gap);
});

test.each([
    ["come apart", [50, 360], false],
    ["come together", [350, 352], true],
    ["come late", [9000, 9300], true],
    ["do not come", [], true],
])("when the two events %s, streams are held back: %s", (_, arrivals, held) => {
    expect(judge(0, arrivals as number[])).toBe(held);
});

test("a part includes its first and last place, and no held messages", () => {
    const all = [message("a", 1), message("b", 2), message("c", 3), message("d", 4), message("x", 0)];
    expect(within({ low: 2, high: 3 }, all).map((m) => m.id)).toEqual(["b", "c"]);
});
