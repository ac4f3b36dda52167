// Binds everything that runs beside the screens to the session: the stream, the cache, the outbox.
export function startSync(): void {}
