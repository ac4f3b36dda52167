import { expect, test } from "vitest";

import { detailsIn, length } from "./draft";

test.each([
    ["abc", 3],
    ["👩‍👩‍👧‍👦", 1],
    ["é", 1],
    ["a\nb", 3],
])("%s counts as a person counts", (text, count) => {
    expect(length(text)).toBe(count);
});

test.each([
    ["Call me at +1 312 555 0142", ["phone"]],
    ["030 / 123 456 78", ["phone"]],
    ["write to amara@example.org please", ["email"]],
    ["DE89 3704 0044 0532 0130 00", ["account"]],
    ["4111 1111 1111 1111", ["account"]],
    ["On 2026-03-04 at 10:30", []],
    ["on 12.03.2026 or 13/03/2026", []],
    ["2 bags, 4th floor, 10 to 12", []],
    ["it costs 1000000 in all", []],
])("%s holds %j", (text, details) => {
    expect(detailsIn(text)).toEqual(details);
});
