// Swipes on a row: towards the end of the line to reply, towards its start to report. The menu offers the same.
export interface Swipe {
    enabled: boolean;
    onstart?: (() => void) | undefined;
    onend?: (() => void) | undefined;
}

const enough = 64;

export function swipe(node: HTMLElement, options: Swipe) {
    let current = options;
    let from: { x: number; y: number } | null = null;
    let moved = 0;

    const direction = () => (getComputedStyle(node).direction === "rtl" ? -1 : 1);

    function begin(event: PointerEvent) {
        if (current.enabled && event.pointerType === "touch" && event.isPrimary)
            from = { x: event.clientX, y: event.clientY };
    }

    function move(event: PointerEvent) {
        if (!from || !event.isPrimary) return;
        const x = (event.clientX - from.x) * direction();
        const y = Math.abs(event.clientY - from.y);
        if (y > Math.abs(x) && moved === 0) return end();
        const wanted = x > 0 ? current.onend : current.onstart;
        moved = wanted ? Math.max(-enough * 1.3, Math.min(enough * 1.3, x)) : 0;
        if (Math.abs(moved) > 8) node.style.setProperty("--swiped", `${moved * direction()}px`);
    }

    function end() {
        const done = moved;
        from = null;
        moved = 0;
        node.style.removeProperty("--swiped");
        if (done >= enough) current.onend?.();
        else if (done <= -enough) current.onstart?.();
    }

    function cancel() {
        moved = 0;
        end();
    }

    node.addEventListener("pointerdown", begin);
    node.addEventListener("pointermove", move);
    node.addEventListener("pointerup", end);
    node.addEventListener("pointercancel", cancel);
    return {
        update: (next: Swipe) => (current = next),
        destroy() {
            node.removeEventListener("pointerdown", begin);
            node.removeEventListener("pointermove", move);
            node.removeEventListener("pointerup", end);
            node.removeEventListener("pointercancel", cancel);
        },
    };
}
