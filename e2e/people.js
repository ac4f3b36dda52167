// Users of the server, each with a client of the official SDK.
import { EventSource } from "eventsource";
import PocketBase from "pocketbase";

globalThis.EventSource = EventSource; // Node has no EventSource

const password = "correct horse battery";

/** Registers a member and signs them in. */
export async function join(server, name) {
    const pb = client(server);
    const email = `${name.toLowerCase()}@example.org`;
    await pb.collection("users").create({ name, email, password, passwordConfirm: password });
    await pb.collection("users").authWithPassword(email, password);
    return new Person(pb);
}

/** Creates a superuser on the command line, and signs them in. */
export async function superuser(server) {
    const email = "operator@example.org";
    await server.command("superuser", "upsert", email, password);
    const pb = client(server);
    await pb.collection("_superusers").authWithPassword(email, password);
    return new Person(pb);
}

function client(server) {
    const pb = new PocketBase(server.url);
    pb.autoCancellation(false);
    return pb;
}

class Person {
    constructor(pb) {
        this.pb = pb;
        this.id = pb.authStore.record.id;
        this.heard = [];
        this.waiting = [];
    }

    /** Calls a custom route. */
    call(method, path, body) {
        return this.pb.send(`/api${path}`, { method, body });
    }

    /** Sends a message through the route. */
    async write(conversation, content) {
        return (await this.call("POST", `/conversations/${conversation}/messages`, { content })).message;
    }

    /** Sends a message through the SDK's create, which must have the same result. */
    create(conversation, content) {
        return this.pb.collection("messages").create({ conversation, content });
    }

    /** Subscribes to all collections, and records the events. */
    async listen(...collections) {
        for (const collection of collections) {
            await this.pb.collection(collection).subscribe("*", (event) => {
                this.heard.push({ collection, ...event });
                this.waiting.forEach((look) => look());
            });
        }
    }

    /** Returns the received new records of a collection. */
    heardOf(collection) {
        return this.heard.filter((event) => event.collection === collection && event.action === "create").map((event) => event.record);
    }

    /** Resolves once the condition holds for the received events, and fails after a deadline. */
    hears(enough, deadline = 60_000) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`waited in vain; heard ${this.heard.length} events`)), deadline);
            const look = () => {
                if (enough(this)) {
                    clearTimeout(timer);
                    resolve();
                }
            };
            this.waiting.push(look);
            look();
        });
    }

    leave() {
        return this.pb.realtime.unsubscribe();
    }
}
