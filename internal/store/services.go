package store

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
)

// Service is one value for each app. It is declared once, in a variable of the package that owns the type.
type Service[T any] struct {
	name  string
	build func() T
}

// NewService declares a service. build makes the value when it is first asked for; without it the value must be handed over by [Service.Set].
func NewService[T any](name string, build func() T) *Service[T] {
	return &Service[T]{"service: " + name, build}
}

// Set hands the value over to the app.
func (s *Service[T]) Set(app core.App, value T) { app.Store().Set(s.name, value) }

// Find is the value of the app, if it was handed over or built before.
func (s *Service[T]) Find(app core.App) (value T, ok bool) {
	value, ok = app.Store().Get(s.name).(T)
	return value, ok
}

// Of is the value of the app. It panics when there is none and none can be built: no start may go on without.
func (s *Service[T]) Of(app core.App) T {
	if value, ok := s.Find(app); ok {
		return value
	}
	if s.build == nil {
		panic(fmt.Sprintf("the app has no %s", s.name))
	}
	// Only this service sets its name.
	return app.Store().GetOrSet(s.name, func() any { return s.build() }).(T)
}
