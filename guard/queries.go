package guard

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/guard/query"
	"carecollective/refusal"
)

// checkQuery checks a client's query against the list of the collection, before PocketBase reads it. The collection is the
// one that the router found, by name in any case or by id, so that no spelling of a path bypasses the check.
func checkQuery(e *core.RequestEvent) error {
	if e.HasSuperuserAuth() || !strings.HasPrefix(e.Request.URL.Path, "/api/") {
		return e.Next()
	}
	values := e.Request.URL.Query()
	named := e.Request.PathValue("collection")
	if named == "" {
		return nextUnless(e, query.None(values))
	}
	collection, err := e.App.FindCachedCollectionByNameOrId(named)
	if err != nil {
		return refusal.NotFound()
	}
	if isClosed(e, collection) {
		return e.ForbiddenError("This collection is closed.", nil)
	}
	return nextUnless(e, listOf(collection).Check(values))
}

func nextUnless(e *core.RequestEvent, err error) error {
	if err != nil {
		return badQuery(err)
	}
	return e.Next()
}

// isClosed reports whether a record route is closed to clients: members are never listed, PocketBase's own records are
// closed, and without a rule PocketBase would refuse too, but after reading the query.
func isClosed(e *core.RequestEvent, c *core.Collection) bool {
	rest, found := strings.CutPrefix(route(e.Request), "/api/collections/{collection}/records")
	if !found {
		return false
	}
	one := rest != ""
	if isSystem(c) || (c.Name == collections.Users && !one && reads(e.Request)) {
		return true
	}
	registering := c.Name == collections.Users && !one // anything but a read is a create
	if e.Auth == nil && isOurs(c) && !registering {
		return true // guests may use none of it
	}
	return ruleOf(c, e.Request.Method, one) == nil
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

func ruleOf(c *core.Collection, method string, one bool) *string {
	switch method {
	case http.MethodPost:
		return c.CreateRule
	case http.MethodPatch:
		return c.UpdateRule
	case http.MethodDelete:
		return c.DeleteRule
	}
	if one {
		return c.ViewRule
	}
	return c.ListRule
}

// route is the pattern of the route that the router chose, without its method.
func route(r *http.Request) string {
	if _, path, found := strings.Cut(r.Pattern, " "); found {
		return path
	}
	return r.Pattern
}

// badQuery answers a refused query, with the parameter's name in data.
func badQuery(err error) error {
	var refused *query.Refusal
	if !errors.As(err, &refused) {
		return refusal.Field("query", refusal.QueryNotAllowed, "This query is invalid.")
	}
	return refusal.Field(refused.Param, refusal.QueryNotAllowed, refused.Sentence)
}

// checkBatch refuses queries inside a batch: its requests bypass the router's middlewares.
func checkBatch(e *core.BatchRequestEvent) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	for _, request := range e.Batch {
		address, err := url.Parse(request.URL)
		if err != nil {
			return refusal.Field("requests", refusal.QueryNotAllowed, "A URL in the batch cannot be read.")
		}
		if err := query.None(address.Query()); err != nil {
			return badQuery(err)
		}
	}
	return e.Next()
}

// checkSubscriptions checks the options of realtime topics against the same lists, parsed as PocketBase parses them.
func checkSubscriptions(e *core.RealtimeSubscribeRequestEvent) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	for _, subscription := range e.Subscriptions {
		if err := checkSubscription(e.App, subscription); err != nil {
			return badQuery(err)
		}
	}
	return e.Next()
}

func checkSubscription(app core.App, subscription string) error {
	values, err := optionsOf(subscription)
	if err != nil || len(values) == 0 {
		return err
	}
	topic, _, _ := strings.Cut(subscription, "?")
	name, _, _ := strings.Cut(topic, "/")
	collection, err := app.FindCachedCollectionByNameOrId(name)
	if err != nil {
		return query.None(values) // a topic of its own, not a collection's
	}
	return listOf(collection).Check(values)
}

var errOptions = &query.Refusal{Param: "options", Sentence: `Write a topic's options as {"query":{...},"headers":{...}} with texts as values, once.`}

// optionsOf reads the query of a realtime topic: topic?options={"query":{...}}.
func optionsOf(subscription string) (url.Values, error) {
	address, err := url.Parse(subscription)
	if err != nil {
		return nil, nil // PocketBase reads no options there either
	}
	given := address.Query()["options"]
	if len(given) == 0 || (len(given) == 1 && given[0] == "") {
		return nil, nil
	}
	var options struct {
		Query   map[string]string `json:"query"`
		Headers map[string]string `json:"headers"`
	}
	if len(given) > 1 || json.Unmarshal([]byte(given[0]), &options) != nil {
		return nil, errOptions
	}
	values := url.Values{}
	for param, value := range options.Query {
		values.Set(param, value)
	}
	return values, nil
}
