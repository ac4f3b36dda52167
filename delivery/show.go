package delivery

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/picker"
	"github.com/pocketbase/pocketbase/tools/subscriptions"

	"carecollective/collections"
)

var beatMessage = subscriptions.Message{Name: heartbeat}

// event is the payload of PocketBase's realtime events.
type event struct {
	Action string `json:"action"`
	Record any    `json:"record"`
}

// show brings one change to every stream of those it is for.
func (l *Live) show(change collections.Change) {
	record := change.Record
	for _, account := range change.For {
		var plain []byte // as most subscribe: without options
		for _, s := range l.hub.of(account) {
			for topic, options := range s.wanting(change.Collection, change.ID) {
				if record == nil && change.Action != collections.ActionDelete {
					var err error
					if record, err = l.app.FindRecordById(change.Collection, change.ID); err != nil {
						return // it is gone: another change tells so
					}
				}
				data := plain
				if data == nil || len(options.Query) > 0 {
					var err error
					if data, err = l.render(change, record, s.auth(), options); err != nil {
						l.app.Logger().Error("Failed to show a change", "collection", change.Collection, "error", err)
						s.end() // it will come back and catch up
						continue
					}
					if data == nil {
						continue
					}
					if len(options.Query) == 0 {
						plain = data
					}
				}
				s.push(subscriptions.Message{Name: topic, Data: data}, receiptOf(change, record, account))
			}
		}
	}
}

// receiptOf is what writing the event proves: that a new message of another has reached the account.
func receiptOf(change collections.Change, record *core.Record, account string) receipt {
	if change.Collection != collections.Messages || change.Action != collections.ActionCreate {
		return receipt{}
	}
	if m := collections.AsMessage(record); m.Sender() != account {
		return receipt{conversation: m.Conversation(), seq: m.Seq()}
	}
	return receipt{}
}

// wanting are the stream's subscriptions to a record: to all of its collection, or to it alone.
func (s *stream) wanting(collection, id string) map[string]subscriptions.SubscriptionOptions {
	return s.DefaultClient.Subscriptions(collection+"/*?", collection+"/"+id+"?", collection+"?")
}

// render shows a record to a reader as every other answer would; nil when the reader's filter leaves it out.
func (l *Live) render(change collections.Change, record *core.Record, auth *core.Record, options subscriptions.SubscriptionOptions) ([]byte, error) {
	if change.Action == collections.ActionDelete {
		return json.Marshal(event{change.Action, map[string]string{
			"id": change.ID, "collectionName": change.Collection, "collectionId": collectionID(l.app, change.Collection),
		}})
	}
	info := &core.RequestInfo{
		Context: core.RequestInfoContextRealtime, Method: "GET", Query: options.Query, Headers: options.Headers, Auth: auth,
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
	e.Record = collections.CopyOf(record)
	err := l.app.OnRecordEnrich().Trigger(e, func(e *core.RecordEnrichEvent) error {
		if expand == "" {
			return nil
		}
		for path, err := range l.app.ExpandRecord(e.Record, strings.Split(expand, ","), l.fetch(info)) {
			l.app.Logger().Debug("Failed to expand", "path", path, "error", err)
		}
		return nil
	})
	return e.Record, err
}

// fetch finds what an expand points to, as far as the reader may see it.
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
