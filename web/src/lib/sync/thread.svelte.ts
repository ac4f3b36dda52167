// One open conversation: the screen's view of it, put together from the parts in thread/.
import type { Conversation, Message, ParticipantRow } from "../api/schemas";
import type { News } from "./bus";
import { inbox } from "./inbox.svelte";
import { Loader } from "./thread/loading.svelte";
import { Reconciler } from "./thread/reconciling.svelte";
import { Timeline } from "./thread/timeline.svelte";
import { Typists } from "./thread/typists.svelte";
import { Watermarks } from "./thread/watermarks.svelte";

export class Thread {
    #timeline: Timeline;
    #reconciler: Reconciler;
    #loader: Loader;
    #watermarks: Watermarks;
    #typists = new Typists();

    constructor(readonly id: string) {
        this.#timeline = new Timeline(id);
        this.#reconciler = new Reconciler(this.#timeline);
        this.#loader = new Loader(this.#timeline, () => this.catchUp());
        this.#watermarks = new Watermarks(id);
    }

    get conversation(): Conversation | undefined {
        return inbox.find(this.id);
    }

    get messages(): Message[] {
        return this.#timeline.messages;
    }

    get hasOlder(): boolean {
        return this.#timeline.hasOlder;
    }

    /** What is shown does not reach the end, because the reader looks at a part further back. */
    get detached(): boolean {
        return this.#timeline.detached;
    }

    get loading(): boolean {
        return this.#timeline.loading;
    }

    /** True while older messages are put in front, so that the list keeps its position. */
    get prepending(): boolean {
        return this.#loader.prepending;
    }

    /** The reader may no longer see the conversation. */
    get gone(): boolean {
        return this.#reconciler.gone;
    }

    get rows(): ParticipantRow[] {
        return this.#watermarks.rows;
    }

    /** The `seq` of the last message that was read when the conversation was opened. */
    get readBefore(): number {
        return this.#watermarks.readBefore;
    }

    get typing(): string[] {
        return this.#typists.all;
    }

    async open(): Promise<void> {
        await this.#timeline.recall();
        await Promise.all([this.catchUp(), this.#watermarks.load()]);
        this.#timeline.loading = false;
    }

    close(): void {
        this.#timeline.closed = true;
        this.#reconciler.close();
        this.#typists.close();
    }

    hear(news: News): void {
        if (news.type === "catch-up") void this.catchUp();
        if (news.type === "link") void this.#reconciler.pollWhile(news.state === "polling");
        if (news.type === "sent" && news.message.conversation === this.id) this.#arrived(news.message);
        if (news.type !== "event") return;
        const { action, record } = news.data;
        if (news.topic === "messages/*" && (record as Message).conversation === this.id) {
            if (action === "delete") this.#timeline.remove((record as Message).id);
            else this.#arrived(record as Message);
        }
        if (news.topic === "conversation_participants/*") this.#watermarks.put(record as ParticipantRow);
        if (news.topic === `typing/${this.id}`)
            this.#typists.hear(String(news.data["user"]), news.data["is_typing"] === true);
    }

    #arrived(message: Message): void {
        this.#typists.hear(message.sender, false);
        this.#reconciler.arrived(message);
    }

    catchUp = () => this.#reconciler.catchUp();
    poll = () => this.#reconciler.poll();
    take = (...messages: Message[]) => this.#timeline.take(...messages);
    read = (message: Message) => this.#watermarks.read(message);
    loadOlder = () => this.#loader.loadOlder();
    loadNewer = () => this.#loader.loadNewer();
    goTo = (seq: number) => this.#loader.goTo(seq);
    leavePart = () => this.#loader.leavePart();
}
