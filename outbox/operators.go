package outbox

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

// OperatorNews is an event for an operator's channel: what happened and to what, without any text by members.
type OperatorNews struct {
	Type      string         `json:"type"`
	Timestamp string         `json:"timestamp"`
	Data      map[string]any `json:"data"`
}

// NotifyOperators adds an event to the outbox for every channel that wants it, in the transaction of app.
func NotifyOperators(app core.App, event string, news OperatorNews, now time.Time) error {
	return notifyOperators(app, "instr(events, {:which}) > 0", `"`+event+`"`, news, now)
}

// TestOperatorChannel adds a test event to the outbox for one channel.
func TestOperatorChannel(app core.App, c *collections.OperatorChannel, now time.Time) error {
	return notifyOperators(app, "id = {:which}", c.Id, OperatorNews{Type: "test", Data: map[string]any{"name": c.Name()}}, now)
}

func notifyOperators(app core.App, condition, which string, news OperatorNews, now time.Time) error {
	news.Timestamp = now.UTC().Format(time.RFC3339)
	payload, err := json.Marshal(news)
	if err != nil {
		return fmt.Errorf("write news for operators: %w", err)
	}
	return store.Exec(app, `INSERT INTO notification_outbox `+entryColumns+`
		SELECT `+store.NewID+`, '', '', 'operator', kind, id, host, {:payload}, 1, 0, {:now}, {:expires}, {:now}
		FROM operator_channels WHERE `+condition,
		dbx.Params{"which": which, "payload": string(payload), "now": store.Stamp(now), "expires": store.Stamp(now.Add(operatorLasts))})
}
