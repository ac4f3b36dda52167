// Package messaging holds what may be done with conversations and messages: who has access, starting, admitting, editing,
// deleting and releasing messages, who may see a message and in which form, the list of conversations, receipts, blocks and contact
// exchanges. It knows no HTTP: callers pass the app of their transaction, and get errors of package refusal.
package messaging
