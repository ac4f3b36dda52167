package collections

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
	"carecollective/vault"
)

// The events for operators' channels.
const (
	EventReport      = "report"
	EventHelpRequest = "help_request"
)

// OperatorChannel is an operator's channel for events: another program, or a chat.
type OperatorChannel struct{ core.BaseRecordProxy }

// AsOperatorChannel reads record, a row of operator_channels.
func AsOperatorChannel(record *core.Record) *OperatorChannel {
	c := &OperatorChannel{}
	c.SetProxyRecord(record)
	return c
}

// NewOperatorChannel makes a channel without saving it. Its address and secret are sealed.
func NewOperatorChannel(app core.App, kind, name, host, address, secret string, events []string) (*OperatorChannel, error) {
	collection, err := app.FindCachedCollectionByNameOrId(OperatorChannels)
	if err != nil {
		return nil, err
	}
	c := AsOperatorChannel(core.NewRecord(collection))
	c.Id = core.GenerateDefaultRandomId()
	c.Set("kind", kind)
	c.Set("name", name)
	c.Set("host", host)
	c.Set("events", events)
	for field, value := range map[string]string{"address": address, "secret": secret} {
		sealed, err := Seal(app, OperatorScope, time.Now(), c.binding(field), value)
		if err != nil {
			return nil, err
		}
		c.Set(field+"_sealed", sealed)
	}
	return c, nil
}

// FindOperatorChannel finds a channel by id; nil when there is none.
func FindOperatorChannel(app core.App, id string) (*OperatorChannel, error) {
	return store.Typed(AsOperatorChannel)(store.FindOne(app, OperatorChannels, store.ByID(id)))
}

// FindOperatorChannels finds all channels, the oldest first.
func FindOperatorChannels(app core.App) ([]*OperatorChannel, error) {
	var all []*OperatorChannel
	if err := app.RecordQuery(OperatorChannels).OrderBy("created_at", "id").All(&all); err != nil {
		return nil, fmt.Errorf("find the operator's channels: %w", err)
	}
	return all, nil
}

// Kind is webhook or chat.
func (c *OperatorChannel) Kind() string { return c.GetString("kind") }

// Name is what the operator calls it.
func (c *OperatorChannel) Name() string { return c.GetString("name") }

// Host is the host of its URL.
func (c *OperatorChannel) Host() string { return c.GetString("host") }

// Events are the events that it receives.
func (c *OperatorChannel) Events() []string { return c.GetStringSlice("events") }

// Address returns the unsealed URL.
func (c *OperatorChannel) Address(app core.App) (string, error) { return c.open(app, "address") }

// Secret returns the unsealed signing secret of a webhook; empty for a chat.
func (c *OperatorChannel) Secret(app core.App) (string, error) { return c.open(app, "secret") }

func (c *OperatorChannel) open(app core.App, field string) (string, error) {
	return Unseal(app, OperatorScope, c.binding(field), c.GetString(field+"_sealed"))
}

func (c *OperatorChannel) binding(field string) vault.Binding {
	return vault.Binding{Table: OperatorChannels, Record: c.Id, Field: field}
}

// Urgent reports whether the case has priority.
func (c *Case) Urgent() bool { return c.GetBool("urgent") }
