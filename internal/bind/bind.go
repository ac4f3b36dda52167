// Package bind names the handlers of events and of routes. Every handler of ours has an id: PocketBase replaces a handler when another
// one of the same event comes with its id, so an id begins with the collection or the part of the product that it belongs to.
package bind

import (
	"github.com/pocketbase/pocketbase/tools/hook"

	"carecollective/internal/answer"
)

// Handler is a handler that runs in the order in which it is bound.
func Handler[T hook.Resolver](id string, run func(T) error) *hook.Handler[T] {
	return &hook.Handler[T]{Id: id, Func: answer.Gate(run)}
}

// At is a handler with a place of its own: smaller places run first, and those bound by [Handler] are at 0.
func At[P ~int, T hook.Resolver](place P, id string, run func(T) error) *hook.Handler[T] {
	return &hook.Handler[T]{Id: id, Priority: int(place), Func: answer.Gate(run)}
}
