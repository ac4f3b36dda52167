// Those who use the server, each with a client of their own from the official SDK.
import { EventSource } from "eventsource";
import PocketBase from "pocketbase";

globalThis.EventSource = EventSource; // browsers have it, Node has not

const password = "correct horse battery";

/** Registers a member and signs them in. */
export async function join(server, name) {
    const pb = client(server);
    const email = `${name.toLowerCase()}@example.org`;
    await pb.collection("users").create({ name, email, password, passwordConfirm: password });
    await pb.collection("users").authWithPassword(email, password);
    return new Person(pb);
}

/** Makes a superuser by the command line, and signs them in. */
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

    /** Calls one of the routes beside the collections. */
    call(method, path, body) {
        return this.pb.send(`/api${path}`, { method, body });
    }

    /** Writes by the route. */
    async write(conversation, content) {
        return (await this.call("POST", `/conversations/${conversation}/messages`, { content })).message;
    }

    /** Writes by the SDK's own create, which is meant to be the same. */
    create(conversation, content) {
        return this.pb.collection("messages").create({ conversation, content });
    }

    /** Listens to everything there is in the collections, and keeps what comes. */
    async listen(...collections) {
        for (const collection of collections) {
            await this.pb.collection(collection).subscribe("*", (event) => {
                this.heard.push({ collection, ...event });
                this.waiting.forEach((look) => look());
            });
        }
    }

    /** What has come of one collection's new rows. */
    heardOf(collection) {
        return this.heard.filter((event) => event.collection === collection && event.action === "create").map((event) => event.record);
    }

    /** Resolves once what was heard is enough, and fails after a deadline. */
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
