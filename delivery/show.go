package delivery

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/picker"
	"github.com/pocketbase/pocketbase/tools/subscriptions"

	"carecollective/collections"
	"carecollective/internal/changes"
)

// event is the payload of PocketBase's realtime events.
type event struct {
	Action string `json:"action"`
	Record any    `json:"record"`
}

// show sends one change to every stream of its recipients, and wakes requests that wait for a message.
func (l *Live) show(change changes.Change) {
	for _, account := range change.For {
		if streams := l.hub.of(account); len(streams) > 0 {
			l.showTo(account, streams, &change)
		}
	}
	if change.Collection == collections.Messages && change.Record != nil {
		conversation := collections.AsMessage(change.Record).Conversation()
		for _, account := range change.For {
			l.waits.wake(place{account, conversation})
		}
	}
}

// showTo sends a change to the streams of one account. A record that has to be read is read once, for the first stream that wants it.
func (l *Live) showTo(account string, streams []*stream, change *changes.Change) {
	var plain []byte    // the usual subscription: without options
	var accepted string // in which languages that was written
	for _, s := range streams {
		auth := s.auth()
		if auth == nil {
			continue // signed out, and about to end
		}
		for topic, options := range s.wanting(change.Collection, change.ID) {
			data, accepts := plain, s.acceptsOf(change)
			if data == nil || len(options.Query) > 0 || accepts != accepted {
				var err error
				if data, err = l.render(change, auth, options, accepts); err != nil {
					l.app.Logger().Error("Failed to render a change for a stream", "collection", change.Collection, "error", err)
					s.cut() // it will come back and catch up
					break
				}
				if len(options.Query) == 0 {
					plain, accepted = data, accepts
				}
			}
			if data != nil {
				s.push(prove(change, account, subscriptions.Message{Name: topic, Data: data}))
			}
		}
	}
}

// acceptsOf is the Accept-Language header of the stream where what is shown depends on it.
func (s *stream) acceptsOf(change *changes.Change) string {
	if change.Collection == collections.Notifications {
		return s.accepts
	}
	return ""
}

// prove attaches to an event what its delivery proves: that a new message of another member has reached the account.
func prove(change *changes.Change, account string, m subscriptions.Message) waiting {
	w := waiting{Message: m}
	if change.Collection == collections.Messages && change.Action == changes.ActionCreate {
		if m := collections.AsMessage(change.Record); m.Sender() != account {
			w.proof, w.seq = place{account, m.Conversation()}, m.Seq()
		}
	}
	return w
}

// render shows a change to a reader as every other answer would; nil if the reader's filter excludes it, or the record
// is gone, which another change announces.
func (l *Live) render(change *changes.Change, auth *core.Record, options subscriptions.SubscriptionOptions, accepts string) ([]byte, error) {
	if change.Action == changes.ActionDelete {
		return json.Marshal(event{change.Action, map[string]string{
			"id": change.ID, "collectionName": change.Collection, "collectionId": collectionID(l.app, change.Collection),
		}})
	}
	if change.Record == nil {
		record, err := l.app.FindRecordById(change.Collection, change.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read what has changed: %w", err)
		}
		change.Record = record
	}
	record := change.Record
	info := &core.RequestInfo{
		Context: core.RequestInfoContextRealtime, Method: "GET", Query: options.Query, Headers: options.Headers, Auth: auth,
	}
	if accepts != "" {
		info.Headers = maps.Clone(info.Headers)
		if info.Headers == nil {
			info.Headers = map[string]string{}
		}
		info.Headers["accept_language"] = accepts
	}
	if filter := options.Query["filter"]; filter != "" {
		if fits, err := l.app.CanAccessRecord(record, info, &filter); err != nil || !fits {
			return nil, err
		}
	}
	shown, err := l.enrich(record, info, options.Query["expand"])
	if err != nil {
		return nil, err
	}
	var picked any = shown
	if fields := options.Query["fields"]; fields != "" {
		if picked, err = picker.Pick(shown, fields); err != nil {
			return nil, fmt.Errorf("pick fields: %w", err)
		}
	}
	return json.Marshal(event{change.Action, picked})
}

// enrich shows a copy of a record to the reader, by the same hooks as every list and view.
func (l *Live) enrich(record *core.Record, info *core.RequestInfo, expand string) (*core.Record, error) {
	e := &core.RecordEnrichEvent{RequestInfo: info}
	e.App = l.app
	e.Record = changes.CopyOf(record)
	err := l.app.OnRecordEnrich().Trigger(e, func(e *core.RecordEnrichEvent) error {
		if expand == "" {
			return nil
		}
		for path, err := range l.app.ExpandRecord(e.Record, strings.Split(expand, ","), l.fetch(info)) {
			l.app.Logger().Debug("Failed to expand a relation for a stream", "path", path, "error", err)
		}
		return nil
	})
	return e.Record, err
}

// fetch finds the expanded records that the reader may see.
func (l *Live) fetch(info *core.RequestInfo) core.ExpandFetchFunc {
	return func(collection *core.Collection, ids []string) ([]*core.Record, error) {
		records, err := l.app.FindRecordsByIds(collection, ids)
		if err != nil {
			return nil, err
		}
		var seen []*core.Record
		for _, record := range records {
			may, err := l.app.CanAccessRecord(record, info, collection.ViewRule)
			if err != nil {
				return nil, err
			}
			if !may {
				continue
			}
			shown, err := l.enrich(record, info, "")
			if err != nil {
				return nil, err
			}
			seen = append(seen, shown)
		}
		return seen, nil
	}
}

func collectionID(app core.App, name string) string {
	c, err := app.FindCachedCollectionByNameOrId(name)
	if err != nil {
		return ""
	}
	return c.Id
}
