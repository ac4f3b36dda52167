package routes

import (
	"strconv"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/refusal"
	"carecollective/views"
)

// body reads the fields of a request from JSON or a form; a body that is not an object is refused.
func body(e *core.RequestEvent) (fields, error) {
	info, err := e.RequestInfo()
	if err != nil {
		return nil, e.BadRequestError("Send a JSON object.", err)
	}
	return info.Body, nil
}

// fields is the body of a request.
type fields map[string]any

// text reads a field that must be a string.
func (f fields) text(name string) (string, error) {
	value, ok := f[name].(string)
	if !ok {
		return "", refusal.Field(name, refusal.Required, "`"+name+"` must be a string.")
	}
	return value, nil
}

// asSent reads a field that must be a string, also from a form, where PocketBase parses 112 as a number.
func (f fields) asSent(e *core.RequestEvent, name string) (string, error) {
	if values := e.Request.PostForm[name]; len(values) == 1 {
		return values[0], nil
	}
	return f.text(name)
}

// optional reads a field that must be a string if it is present.
func (f fields) optional(name string) (string, error) {
	if f[name] == nil {
		return "", nil
	}
	return f.text(name)
}

// list reads a field that must be a list of strings.
func (f fields) list(name string) ([]string, error) {
	raw, ok := f[name].([]any)
	if !ok {
		return nil, refusal.Field(name, refusal.Required, "`"+name+"` must be a list.")
	}
	values := make([]string, len(raw))
	for i, v := range raw {
		if values[i], ok = v.(string); !ok {
			return nil, refusal.Field(name, refusal.InvalidValue, "`"+name+"` must be a list of strings.")
		}
	}
	return values, nil
}

// boolean reads a field that must be true or false.
func (f fields) boolean(name string) (bool, error) {
	value, ok := f[name].(bool)
	if !ok {
		return false, refusal.Field(name, refusal.Required, "`"+name+"` must be true or false.")
	}
	return value, nil
}

// number reads a whole number from the query; absent is the default, below least is refused, above most counts as most.
func number(e *core.RequestEvent, name string, absent, least, most int) (int, error) {
	raw := e.Request.URL.Query().Get(name)
	if raw == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(raw)
	if err != nil || n < least {
		return 0, refusal.Field(name, refusal.InvalidValue, "`"+name+"` must be a whole number from "+strconv.Itoa(least)+".")
	}
	return min(n, most), nil
}

// paging is a part of a list that is counted in pages.
type paging struct{ page, limit int }

// pageOf reads which page of a list is asked for, and how long it is.
func pageOf(e *core.RequestEvent, usual, most int) (p paging, err error) {
	if p.page, err = number(e, "page", 1, 1, 1_000_000); err != nil {
		return p, err
	}
	p.limit, err = number(e, "limit", usual, 1, most)
	return p, err
}

func (p paging) offset() int { return (p.page - 1) * p.limit }

// shown is the page as an answer tells it.
func (p paging) shown(total int) map[string]any {
	return map[string]any{"page": p.page, "limit": p.limit, "total": total}
}

// choice reads a query parameter that must be one of the allowed values, or absent.
func choice(e *core.RequestEvent, name string, allowed ...string) (string, error) {
	raw := e.Request.URL.Query().Get(name)
	if raw == "" {
		return "", nil
	}
	for _, value := range allowed {
		if raw == value {
			return raw, nil
		}
	}
	return "", refusal.Field(name, refusal.InvalidValue, "`"+name+"` must be one of: "+strings.Join(allowed, ", ")+".")
}

// caller is the viewer who asks.
func caller(e *core.RequestEvent) views.Viewer { return views.ViewerOf(e.Auth) }

func id(e *core.RequestEvent) string { return e.Request.PathValue("id") }

// days reads how many days a measure lasts; 0 means the measure's default.
func (f fields) days() (int, error) {
	if f["days"] == nil {
		return 0, nil
	}
	n, ok := f["days"].(float64)
	if !ok || n != float64(int(n)) || n < 1 || n > 3650 {
		return 0, refusal.Field("days", refusal.InvalidValue, "`days` must be a whole number from 1 to 3650.")
	}
	return int(n), nil
}
